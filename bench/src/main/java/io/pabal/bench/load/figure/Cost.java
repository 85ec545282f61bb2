// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.process.ProcessCost;
import java.util.List;

/**
 * The CPU time of the server and of this process up to a moment, and the server's memory then.
 *
 * @param nanos the moment, by {@link System#nanoTime}
 */
public record Cost(
    long nanos, long serverCpuNanos, long ownCpuNanos, long residentKib, long proportionalKib) {

  public static Cost now(List<Long> server) {
    return new Cost(
        System.nanoTime(),
        ProcessCost.cpuNanos(server),
        ProcessCost.ownCpuNanos(),
        ProcessCost.residentKibibytes(server),
        ProcessCost.proportionalKibibytes(server));
  }

  public double secondsUntil(Cost later) {
    return (later.nanos - nanos) / 1e9;
  }

  /** The CPU time that both have used from this moment until {@code later}. */
  public Cpu cpuUntil(Cost later) {
    return new Cpu(
        (later.serverCpuNanos - serverCpuNanos) / 1e9, (later.ownCpuNanos - ownCpuNanos) / 1e9);
  }

  /** Adds the server's memory at {@code later}, and its growth for each of {@code sessions}. */
  public void showMemory(List<Figure> figures, List<Long> server, Cost later, int sessions) {
    if (server.isEmpty()) {
      return;
    }
    figures.add(Figure.of("residentKib", "server's RSS (KiB)", later.residentKib));
    figures.add(
        new Figure(
            "residentBytesPerSession",
            "RSS growth per session (bytes)",
            (later.residentKib - residentKib) * 1024.0 / sessions,
            0));
    figures.add(
        new Figure(
            "proportionalBytesPerSession",
            "PSS growth per session (bytes)",
            (later.proportionalKib - proportionalKib) * 1024.0 / sessions,
            0));
  }
}
