// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import io.pabal.bench.load.figure.LoadReport.Figure;
import java.util.ArrayList;
import java.util.List;

/**
 * What the rounds of a measurement have shown, each the same figures in the same order: what a
 * server does when its code is compiled is told by the later ones. For one thread.
 */
public final class Rounds {

  private final boolean serverIsKnown;
  private final Cpu.Unit unit;
  private final List<List<Figure>> rounds = new ArrayList<>();
  private Cpu cpu = Cpu.NONE;
  private long count;

  /**
   * None yet.
   *
   * @param serverIsKnown whether the server's CPU time can be told
   * @param unit what is counted
   */
  public Rounds(boolean serverIsKnown, Cpu.Unit unit) {
    this.serverIsKnown = serverIsKnown;
    this.unit = unit;
  }

  /** One more, in which {@code done} took {@code spent}. */
  public void add(List<Figure> shown, Cpu spent, long done) {
    List<Figure> round = new ArrayList<>(shown);
    spent.show(round, serverIsKnown, "", "");
    spent.showPer(round, serverIsKnown, unit, done);
    rounds.add(round);
    cpu = cpu.plus(spent);
    count += done;
  }

  /** How many there were. */
  public int size() {
    return rounds.size();
  }

  /** The figures of each. */
  public List<List<Figure>> each() {
    return rounds;
  }

  /** What the newest has as {@code key}. */
  public Figure newest(String key) {
    return rounds.getLast().stream()
        .filter(figure -> figure.key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  /** The median of what the rounds have as {@code key}, and its lowest and highest value. */
  public void show(List<Figure> figures, String key) {
    List<Figure> sorted =
        rounds.stream()
            .flatMap(List::stream)
            .filter(figure -> figure.key().equals(key))
            .sorted((a, b) -> Double.compare(a.value(), b.value()))
            .toList();
    Figure first = sorted.getFirst();
    int middle = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1
            ? sorted.get(middle).value()
            : (sorted.get(middle - 1).value() + sorted.get(middle).value()) / 2;
    if (sorted.size() == 1) {
      figures.add(first);
    } else {
      figures.add(new Figure(key, first.label() + ", median", median, first.decimals()));
      figures.add(new Figure(key + "Min", "  lowest", first.value(), first.decimals()));
      figures.add(new Figure(key + "Max", "  highest", sorted.getLast().value(), first.decimals()));
    }
  }

  /** What all together cost, and each of what was counted. */
  public void showCpu(List<Figure> figures, String during) {
    cpu.show(figures, serverIsKnown, "", during);
    cpu.showPer(figures, serverIsKnown, unit, count);
  }
}
