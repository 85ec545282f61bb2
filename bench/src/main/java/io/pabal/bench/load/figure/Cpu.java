// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import io.pabal.bench.load.figure.LoadReport.Figure;
import java.util.List;

/** CPU time that the server and this process took for the same thing, each in seconds. */
public record Cpu(double serverSeconds, double ownSeconds) {

  static final Cpu NONE = new Cpu(0, 0);

  Cpu plus(Cpu other) {
    return new Cpu(serverSeconds + other.serverSeconds, ownSeconds + other.ownSeconds);
  }

  /**
   * Adds both CPU times, and the tool's divided by the server's. The server's is added only when it
   * is {@code known}.
   *
   * @param prefix of the keys: empty, or beginning with a small letter
   * @param during what the labels add about the time: empty, or beginning with a space
   */
  public void show(List<Figure> figures, boolean known, String prefix, String during) {
    if (known) {
      figures.add(
          new Figure(
              key(prefix, "serverCpuSeconds"),
              "server's CPU%s (s)".formatted(during),
              serverSeconds,
              2));
    }
    figures.add(
        new Figure(
            key(prefix, "ownCpuSeconds"),
            "this tool's CPU%s (s)".formatted(during),
            ownSeconds,
            2));
    if (known && serverSeconds > 0) {
      figures.add(
          new Figure(
              key(prefix, "ownShareOfServer"),
              "this tool's CPU / the server's%s".formatted(during),
              ownSeconds / serverSeconds,
              2));
    }
  }

  /** Adds both CPU times divided by {@code count}, unless that is 0. */
  public void showPer(List<Figure> figures, boolean known, Unit unit, long count) {
    if (count == 0) {
      return;
    }
    if (known) {
      figures.add(unit.figure("server", "server's", serverSeconds, count));
    }
    figures.add(unit.figure("own", "this tool's", ownSeconds, count));
  }

  private static String key(String prefix, String key) {
    return prefix.isEmpty()
        ? key
        : prefix + Character.toUpperCase(key.charAt(0)) + key.substring(1);
  }

  /** What the CPU time is divided by; one second per million is one microsecond each. */
  public enum Unit {
    DELIVERY("CpuSecondsPerMillion", "CPU per million deliveries (s)", 2),
    SESSION("CpuMicrosPerSession", "CPU per session connected (us)", 0);

    private static final double MILLION = 1e6;

    private final String key;
    private final String label;
    private final int decimals;

    Unit(String key, String label, int decimals) {
      this.key = key;
      this.label = label;
      this.decimals = decimals;
    }

    private Figure figure(String whoseKey, String whose, double seconds, long count) {
      return new Figure(whoseKey + key, whose + " " + label, seconds * MILLION / count, decimals);
    }
  }
}
