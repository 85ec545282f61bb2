// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongFunction;

/**
 * Appends events to a history file, one JSON object per line, in the order of their times. Safe for
 * use by many threads.
 */
public final class HistoryWriter implements AutoCloseable {

  private static final ObjectWriter JSON = HistoryFile.JSON.writerFor(Event.class);

  private final BufferedWriter file;
  private long lastMillis;
  private boolean closed;

  private HistoryWriter(BufferedWriter file) {
    this.file = file;
  }

  /** Begins a new history in {@code path}. */
  public static HistoryWriter create(Path path) throws IOException {
    return new HistoryWriter(Files.newBufferedWriter(path));
  }

  /** Writes the event that {@code event} makes of the present time; nothing once it is closed. */
  public synchronized void record(LongFunction<Event> event) {
    lastMillis = Math.max(lastMillis, System.currentTimeMillis());
    write(event.apply(lastMillis));
  }

  /** Writes an event that has its own time; nothing once it is closed. */
  public synchronized void write(Event event) {
    if (closed) {
      return;
    }
    try {
      file.write(JSON.writeValueAsString(event));
      file.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("the history cannot be written: " + e.getMessage(), e);
    }
  }

  /** Everything written so far can be read from the file once this has returned. */
  public synchronized void flush() throws IOException {
    if (!closed) {
      file.flush();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    file.close();
  }
}
