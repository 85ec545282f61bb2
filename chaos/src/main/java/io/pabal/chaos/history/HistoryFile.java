// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A history on disk, plain text, or compressed with gzip if its name ends with {@code .gz}. */
public record HistoryFile(Path path) implements History {

  static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader EVENT = JSON.readerFor(Event.class);
  private static final String GZIP_SUFFIX = ".gz";

  /**
   * Reads the file from the beginning, one event at a time. An incomplete last line is skipped: the
   * file is still being written, or its writer was killed.
   *
   * @throws IOException when the file cannot be read, or a line is not an event; the message names
   *     the line
   */
  @Override
  public void forEach(Consumer<Event> action) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8))) {
      int number = 0;
      String line = lines.readLine();
      while (line != null) {
        number++;
        String next = lines.readLine();
        if (next != null || line.endsWith("}")) {
          action.accept(parse(line, number));
        }
        line = next;
      }
    }
  }

  /** Replaces the file by a compressed file, and returns the compressed file. */
  public HistoryFile compress() throws IOException {
    Path compressed = path.resolveSibling(path.getFileName() + GZIP_SUFFIX);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(path, out);
    }
    Files.delete(path);
    return new HistoryFile(compressed);
  }

  private InputStream open() throws IOException {
    InputStream bytes = Files.newInputStream(path);
    return path.toString().endsWith(GZIP_SUFFIX) ? new GZIPInputStream(bytes) : bytes;
  }

  private Event parse(String line, int number) throws IOException {
    try {
      return EVENT.readValue(line);
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s:%d: %s (expected: one event as a JSON object)"
              .formatted(path, number, e.getOriginalMessage()),
          e);
    }
  }
}
