// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import io.pabal.bench.load.figure.LoadReport.Figure;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The quantiles of a latency that are shown. */
public final class Quantiles {

  private Quantiles() {}

  public static void show(List<Figure> figures, String key, String label, Histogram nanos) {
    if (nanos.getTotalCount() == 0) {
      return;
    }
    quantile(figures, key + "P50Millis", label + " p50 (ms)", nanos, 50);
    quantile(figures, key + "P90Millis", label + " p90 (ms)", nanos, 90);
    quantile(figures, key + "P99Millis", label + " p99 (ms)", nanos, 99);
    quantile(figures, key + "P999Millis", label + " p99.9 (ms)", nanos, 99.9);
    quantile(figures, key + "MaxMillis", label + " max (ms)", nanos, 100);
  }

  private static void quantile(
      List<Figure> figures, String key, String label, Histogram nanos, double percentile) {
    figures.add(new Figure(key, label, nanos.getValueAtPercentile(percentile) / 1e6, 2));
  }
}
