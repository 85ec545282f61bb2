// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param title what was measured, in one line
 * @param figures in the order in which they are shown
 * @param passed whether nothing was lost, out of order, dropped or refused for good
 * @param examples the first things that went wrong
 */
public record LoadReport(
    String title, List<Figure> figures, boolean passed, List<String> examples) {

  /**
   * One figure.
   *
   * @param key its name for programs, with the unit
   * @param label its name for people, with the unit
   * @param decimals how many are shown
   */
  public record Figure(String key, String label, double value, int decimals) {

    static Figure of(String key, String label, long count) {
      return new Figure(key, label, count, 0);
    }
  }

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    int labels = figures.stream().mapToInt(each -> each.label.length()).max().orElse(0);
    out.println(title);
    for (Figure figure : figures) {
      out.printf(
          Locale.ROOT,
          "  %-" + labels + "s  %,14." + figure.decimals + "f%n",
          figure.label,
          figure.value);
    }
    examples.forEach(each -> out.println("  ! " + each));
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        "{\"title\":\"%s\",%s,\"passed\":%b}%n",
        title,
        figures.stream()
            .map(
                each ->
                    String.format(
                        Locale.ROOT, "\"%s\":%." + each.decimals + "f", each.key, each.value))
            .collect(Collectors.joining(",")),
        passed);
    out.flush();
  }
}
