// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.LoadReport.Figure;
import io.pabal.bench.process.ProcessCost;
import java.util.List;

/**
 * What the server and this process have cost until a moment.
 *
 * @param nanos when, by {@link System#nanoTime}
 */
record Cost(
    long nanos, long serverCpuNanos, long ownCpuNanos, long residentKib, long proportionalKib) {

  static Cost now(List<Long> server) {
    return new Cost(
        System.nanoTime(),
        ProcessCost.cpuNanos(server),
        ProcessCost.ownCpuNanos(),
        ProcessCost.residentKibibytes(server),
        ProcessCost.proportionalKibibytes(server));
  }

  double secondsUntil(Cost later) {
    return (later.nanos - nanos) / 1e9;
  }

  /** CPU time until {@code later}, of which {@code messages} came. */
  void show(List<Figure> figures, List<Long> server, Cost later, long messages) {
    double own = (later.ownCpuNanos - ownCpuNanos) / 1e9;
    double servers = (later.serverCpuNanos - serverCpuNanos) / 1e9;
    if (!server.isEmpty()) {
      figures.add(new Figure("serverCpuSeconds", "server's CPU (s)", servers, 2));
      perMillion(figures, "server", "server's", servers, messages);
    }
    figures.add(new Figure("ownCpuSeconds", "this tool's CPU (s)", own, 2));
    perMillion(figures, "own", "this tool's", own, messages);
    if (!server.isEmpty() && servers > 0) {
      figures.add(
          new Figure("ownShareOfServer", "this tool's CPU / the server's", own / servers, 2));
    }
  }

  private static void perMillion(
      List<Figure> figures, String key, String label, double seconds, long messages) {
    if (messages > 0) {
      figures.add(
          new Figure(
              key + "CpuSecondsPerMillion",
              label + " CPU per million deliveries (s)",
              seconds * 1e6 / messages,
              2));
    }
  }

  /** How much more memory the server has at {@code later}, for each of {@code sessions}. */
  void showMemory(List<Figure> figures, List<Long> server, Cost later, int sessions) {
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
