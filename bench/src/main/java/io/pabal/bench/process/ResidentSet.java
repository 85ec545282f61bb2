// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process occupies in memory, as Linux tells it. */
public final class ResidentSet {

  private static final String LINE = "VmRSS:";

  private ResidentSet() {}

  /** In MiB; 0 where there is no {@code /proc}, or the process has ended. */
  public static long mebibytes(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith(LINE))
          .mapToLong(
              line -> Long.parseLong(line.substring(LINE.length()).replace("kB", "").strip()))
          .map(kibibytes -> kibibytes / 1_024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
