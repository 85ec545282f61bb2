// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.rest;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The result of a measurement.
 *
 * @param together {@code pabal up}, all its processes together
 * @param parts the processes of {@code pabal up}, then the roles as processes of their own
 */
public record RestReport(Part together, List<Part> parts) {

  /**
   * The processor time of one part.
   *
   * @param percent of one core
   */
  public record Part(String name, double percent) {

    private void print(PrintWriter out) {
      out.printf(Locale.ROOT, "  %-28s %8.2f %%%n", name, percent);
    }

    private String json() {
      return String.format(Locale.ROOT, "{\"name\":\"%s\",\"percent\":%.2f}", name, percent);
    }
  }

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    out.println("processor time with nobody connected, of one core");
    together.print(out);
    parts.forEach(part -> part.print(out));
    out.flush();
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "{\"percent\":%.2f,\"parts\":[%s]}%n",
        together.percent(),
        parts.stream().map(Part::json).collect(Collectors.joining(",")));
    out.flush();
  }
}
