// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/**
 * Rows of named values, printed as columns for people or as objects for programs. A name is given
 * as in JSON, {@code clientId}; the heading of its column is {@code CLIENT ID}. In columns, numbers
 * are aligned to the right, and null and the empty text are printed as a hyphen.
 */
public final class Table {

  private static final Pattern WORD_START = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final String BETWEEN = "  ";

  private final List<String> names;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  /** A table without rows. */
  public Table(String... names) {
    this.names = List.of(names);
  }

  /** Adds a row: one value for each name. */
  public void row(@Nullable Object... values) {
    if (values.length != names.size()) {
      throw new IllegalArgumentException(
          "%d values (expected: %d)".formatted(values.length, names.size()));
    }
    rows.add(Arrays.asList(values.clone()));
  }

  /** The rows as objects. */
  public List<Map<String, @Nullable Object>> toJson() {
    return rows.stream()
        .map(
            row -> {
              Map<String, @Nullable Object> object = new LinkedHashMap<>();
              IntStream.range(0, names.size())
                  .forEach(column -> object.put(names.get(column), row.get(column)));
              return object;
            })
        .toList();
  }

  /** Prints a line of names, bold where {@code ansi} allows it, and a line for each row. */
  public void printText(PrintWriter out, Ansi ansi) {
    List<Integer> widths = IntStream.range(0, names.size()).mapToObj(this::width).toList();
    List<String> headings = names.stream().map(Table::heading).toList();
    out.println(ansi.string("@|bold " + line(headings, widths, headings) + "|@"));
    for (List<@Nullable Object> row : rows) {
      out.println(line(row, widths, row.stream().map(Table::text).toList()));
    }
  }

  private int width(int column) {
    return Math.max(
        heading(names.get(column)).length(),
        rows.stream().mapToInt(row -> text(row.get(column)).length()).max().orElse(0));
  }

  private static String line(
      List<? extends @Nullable Object> values, List<Integer> widths, List<String> texts) {
    return IntStream.range(0, texts.size())
        .mapToObj(
            column -> {
              String padding = " ".repeat(widths.get(column) - texts.get(column).length());
              return values.get(column) instanceof Number
                  ? padding + texts.get(column)
                  : texts.get(column) + padding;
            })
        .collect(Collectors.joining(BETWEEN))
        .stripTrailing();
  }

  private static String heading(String name) {
    return WORD_START.matcher(name).replaceAll(" ").toUpperCase(Locale.ROOT);
  }

  private static String text(@Nullable Object value) {
    return value == null || value.equals("") ? "-" : Printable.of(value.toString());
  }
}
