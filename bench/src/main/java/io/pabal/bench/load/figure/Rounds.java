// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import io.pabal.bench.load.figure.LoadReport.Figure;
import java.util.ArrayList;
import java.util.List;

/**
 * The figures of the rounds of a measurement: the same figures in the same order in each round. The
 * later rounds show the server after its code is compiled. For one thread.
 */
public final class Rounds {

  private final boolean serverIsKnown;
  private final Cpu.Unit unit;
  private final List<List<Figure>> rounds = new ArrayList<>();
  private Cpu cpu = Cpu.NONE;
  private long count;

  /**
   * No rounds yet.
   *
   * @param serverIsKnown whether the server's CPU time can be read
   * @param unit what the CPU time is divided by
   */
  public Rounds(boolean serverIsKnown, Cpu.Unit unit) {
    this.serverIsKnown = serverIsKnown;
    this.unit = unit;
  }

  /** Adds a round in which {@code done} deliveries or sessions took {@code spent}. */
  public void add(List<Figure> shown, Cpu spent, long done) {
    List<Figure> round = new ArrayList<>(shown);
    spent.show(round, serverIsKnown, "", "");
    spent.showPer(round, serverIsKnown, unit, done);
    rounds.add(round);
    cpu = cpu.plus(spent);
    count += done;
  }

  /** How many rounds there were. */
  public int size() {
    return rounds.size();
  }

  /** The figures of each round. */
  public List<List<Figure>> each() {
    return rounds;
  }

  /** The figure {@code key} of the newest round. */
  public Figure newest(String key) {
    return rounds.getLast().stream()
        .filter(figure -> figure.key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  /** Adds the median, the lowest and the highest value of the figure {@code key}. */
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

  /** Adds the CPU time of all rounds together, in total and per delivery or session. */
  public void showCpu(List<Figure> figures, String during) {
    cpu.show(figures, serverIsKnown, "", during);
    cpu.showPer(figures, serverIsKnown, unit, count);
  }
}
