// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pauses of the JVM, each from the request that its threads stop until they go on. They are
 * read from the JVM's log of safepoints, which {@link #option} turns on.
 *
 * @param count how often
 * @param totalMillis altogether
 * @param maxMillis at most
 */
record Pauses(int count, double totalMillis, double maxMillis) {

  private static final Pattern TOTAL = Pattern.compile("Total:\\s+(\\d+) ns");

  /** The JVM's option to write {@code log}. */
  static String option(Path log) {
    return "-Xlog:safepoint:file=" + log + "::filecount=0";
  }

  /** How many there were so far. */
  static int seen(Path log) throws IOException {
    return all(log).size();
  }

  /** All but the first {@code skipped}. */
  static Pauses since(Path log, int skipped) throws IOException {
    List<Double> millis = all(log).stream().skip(skipped).toList();
    return new Pauses(
        millis.size(),
        millis.stream().mapToDouble(Double::doubleValue).sum(),
        millis.stream().mapToDouble(Double::doubleValue).max().orElse(0));
  }

  private static List<Double> all(Path log) throws IOException {
    List<Double> millis = new ArrayList<>();
    Matcher totals = TOTAL.matcher(Files.readString(log));
    while (totals.find()) {
      millis.add(Long.parseLong(totals.group(1)) / 1e6);
    }
    return millis;
  }
}
