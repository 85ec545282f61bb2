// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Statistic;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Values whose labels change, such as one value for each assigned partition. They are computed at
 * each reading.
 *
 * <p>Micrometer sees one value, the sum; a registry that knows this class can write each value.
 *
 * @param labelNames the names of the labels of each sample
 * @param monotonic whether the values only grow, as counters do
 * @param samples returns the values; called by any thread, must not block
 */
public record SampleFamily(
    List<String> labelNames, boolean monotonic, Supplier<List<Sample>> samples)
    implements Iterable<Measurement> {

  /** One value; its labels are in the order of the family's label names. */
  public record Sample(List<String> labelValues, double value) {}

  @Override
  public Iterator<Measurement> iterator() {
    return List.of(new Measurement(this::sum, Statistic.VALUE)).iterator();
  }

  private double sum() {
    return samples.get().stream().mapToDouble(Sample::value).sum();
  }
}
