// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The result of a measurement.
 *
 * @param title what was measured, in one line
 * @param figures in the order in which they are shown
 * @param rounds the figures of each round, the same in all; empty for what has none
 * @param passed whether nothing was lost, out of order, dropped or refused for good
 * @param examples the first things that went wrong
 */
public record LoadReport(
    String title,
    List<Figure> figures,
    List<List<Figure>> rounds,
    boolean passed,
    List<String> examples) {

  private static final int ROUND_COLUMNS = 11;

  /**
   * One figure.
   *
   * @param key its name for programs, with the unit
   * @param label its name for people, with the unit
   * @param decimals how many are shown
   */
  public record Figure(String key, String label, double value, int decimals) {

    public static Figure of(String key, String label, long count) {
      return new Figure(key, label, count, 0);
    }

    private String text(int columns) {
      return String.format(Locale.ROOT, "%," + columns + "." + decimals + "f", value);
    }

    private String member() {
      return String.format(Locale.ROOT, "\"%s\":%." + decimals + "f", key, value);
    }
  }

  /** Writes a table for people; each of several rounds has a column. */
  public void printTable(PrintWriter out) {
    List<List<Figure>> columns = rounds.size() > 1 ? rounds : List.of();
    int labels =
        Stream.concat(figures.stream(), columns.stream().flatMap(List::stream))
            .mapToInt(each -> each.label.length())
            .max()
            .orElse(0);
    String row = "  %-" + labels + "s  %s%n";
    out.println(title);
    for (Figure figure : figures) {
      out.printf(row, figure.label, figure.text(14));
    }
    if (!columns.isEmpty()) {
      out.printf(
          row,
          "round",
          IntStream.rangeClosed(1, columns.size())
              .mapToObj(("%" + ROUND_COLUMNS + "d")::formatted)
              .collect(Collectors.joining()));
      for (int i = 0; i < columns.getFirst().size(); i++) {
        int index = i;
        out.printf(
            row,
            columns.getFirst().get(i).label,
            columns.stream()
                .map(round -> round.get(index).text(ROUND_COLUMNS))
                .collect(Collectors.joining()));
      }
    }
    examples.forEach(each -> out.println("  ! " + each));
    out.flush();
  }

  /** Writes one JSON object; rounds are objects in an array. */
  public void printJson(PrintWriter out) {
    out.printf(
        "{\"title\":\"%s\",%s,%s\"passed\":%b}%n",
        title,
        members(figures),
        rounds.isEmpty()
            ? ""
            : rounds.stream()
                .map(round -> "{" + members(round) + "}")
                .collect(Collectors.joining(",", "\"rounds\":[", "],")),
        passed);
    out.flush();
  }

  private static String members(List<Figure> figures) {
    return figures.stream().map(Figure::member).collect(Collectors.joining(","));
  }
}
