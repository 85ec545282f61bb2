// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** Writes events to a history file, one JSON object per line. Safe for use by many threads. */
public final class HistoryWriter implements AutoCloseable {

  private static final ObjectWriter JSON = HistoryFile.JSON.writerFor(Event.class);

  private final BufferedWriter file;
  private long lastMillis;
  private boolean closed;

  private HistoryWriter(BufferedWriter file) {
    this.file = file;
  }

  /** Starts a new history in {@code path}. An existing file is overwritten. */
  public static HistoryWriter create(Path path) throws IOException {
    return new HistoryWriter(Files.newBufferedWriter(path));
  }

  /**
   * Writes the event that {@code event} creates for the current time. Times never decrease between
   * calls. Does nothing after {@link #close}.
   */
  public synchronized void record(LongFunction<Event> event) {
    lastMillis = Math.max(lastMillis, System.currentTimeMillis());
    write(event.apply(lastMillis));
  }

  /** Writes an event with a time of its own. Does nothing after {@link #close}. */
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

  /** Flushes the file: events written before can be read from it when this method returns. */
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
