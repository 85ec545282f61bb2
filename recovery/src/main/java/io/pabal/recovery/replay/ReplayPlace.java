// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The progress of a replay, kept in a small file, so that the same command resumes an interrupted
 * replay. The file holds the range as offsets, so a relative time ("an hour ago") is resolved once.
 */
public final class ReplayPlace {

  private static final String LINE = "line";
  private static final String MESSAGES_READ = "messagesRead";
  private static final String EPOCH = "epoch";
  private static final String PARTITION = "partition.";

  private final Path file;
  private final String line;
  private final Map<Integer, Stretch> stretches = new TreeMap<>();
  private final Map<Integer, Long> next = new TreeMap<>();
  private final boolean resumed;
  private long messagesRead;
  private long epoch;

  private ReplayPlace(Path file, String line, boolean resumed) {
    this.file = file;
    this.line = line;
    this.resumed = resumed;
  }

  /**
   * The place that an interrupted replay saved in {@code file}, or the beginning of a new replay.
   *
   * @param line the command line; a file of another command line is refused
   * @param stretches resolves the range of a new replay
   * @throws IllegalArgumentException when the file belongs to another replay, or is malformed
   */
  public static ReplayPlace open(Path file, String line, Supplier<List<Stretch>> stretches)
      throws IOException {
    if (!Files.exists(file)) {
      ReplayPlace begun = new ReplayPlace(file, line, false);
      for (Stretch each : stretches.get()) {
        begun.stretches.put(each.partition(), each);
        begun.next.put(each.partition(), each.end());
      }
      return begun;
    }
    Properties saved = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      saved.load(in);
    }
    if (!line.equals(saved.getProperty(LINE))) {
      throw new IllegalArgumentException(
          "%s: belongs to `%s` (expected: `%s`). Delete it, or name another file."
              .formatted(file, saved.getProperty(LINE), line));
    }
    ReplayPlace place = new ReplayPlace(file, line, true);
    place.messagesRead = Long.parseLong(saved.getProperty(MESSAGES_READ, "0"));
    place.epoch = Long.parseLong(saved.getProperty(EPOCH, "0"));
    for (String name : saved.stringPropertyNames()) {
      if (name.startsWith(PARTITION)) {
        int partition = Integer.parseInt(name.substring(PARTITION.length()));
        String[] parts = saved.getProperty(name, "").split(" ", -1);
        place.stretches.put(
            partition,
            new Stretch(
                partition,
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2])));
        place.next.put(partition, Long.parseLong(parts[3]));
      }
    }
    return place;
  }

  /** Whether an earlier run saved this place. */
  public boolean isResumed() {
    return resumed;
  }

  /** The epoch at which a forced replay began: the saved one, or {@code now} for a new replay. */
  public long epoch(LongSupplier now) {
    if (epoch == 0) {
      epoch = now.getAsLong();
    }
    return epoch;
  }

  /** The range, by partition. */
  public List<Stretch> stretches() {
    return new ArrayList<>(stretches.values());
  }

  /** The number of offsets that are not read yet. */
  public long offsetsLeft() {
    return stretches.values().stream()
        .mapToLong(each -> Math.max(0, next(each) - each.from()))
        .sum();
  }

  /** The offset from which on all messages of {@code stretch} are done. */
  long next(Stretch stretch) {
    return next.getOrDefault(stretch.partition(), stretch.end());
  }

  long messagesRead() {
    return messagesRead;
  }

  /** Notes that all messages from {@code offset} on are done. */
  void done(Stretch stretch, long offset, int messages) {
    next.put(stretch.partition(), offset);
    messagesRead += messages;
  }

  /** Saves the place. The file is replaced in one step. */
  void save() throws IOException {
    Properties saved = new Properties();
    saved.setProperty(LINE, line);
    saved.setProperty(MESSAGES_READ, Long.toString(messagesRead));
    saved.setProperty(EPOCH, Long.toString(epoch));
    for (Stretch each : stretches.values()) {
      saved.setProperty(
          PARTITION + each.partition(),
          "%d %d %d %d".formatted(each.from(), each.to(), each.end(), next(each)));
    }
    Path written = file.resolveSibling(file.getFileName() + ".new");
    try (OutputStream out = Files.newOutputStream(written)) {
      saved.store(out, "where a replay goes on; run the same line again");
    }
    Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes the file of a replay that has ended. */
  public void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}
