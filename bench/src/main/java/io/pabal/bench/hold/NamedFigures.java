// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Named numbers, in the order of their addition. One process hands them to another in a file. */
final class NamedFigures {

  private final Map<String, Double> values = new LinkedHashMap<>();

  void put(String name, double value) {
    values.put(name, value);
  }

  void put(String name, long value) {
    put(name, (double) value);
  }

  double get(String name) {
    return values.getOrDefault(name, 0.0);
  }

  Map<String, Double> values() {
    return values;
  }

  void write(Path file) throws IOException {
    List<String> lines =
        values.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList();
    Files.write(file, lines);
  }

  static NamedFigures read(Path file) throws IOException {
    NamedFigures figures = new NamedFigures();
    for (String line : Files.readAllLines(file)) {
      int space = line.lastIndexOf(' ');
      figures.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
    }
    return figures;
  }
}
