// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * The meters of one part of a process, all tagged with the part.
 *
 * <p>A meter reads an existing counter when a registry is scraped, so the message path does not
 * touch meters. Names are written with dots and end in their unit, as in {@code
 * pabal.connector.append.bytes}; counters get {@code _total} from the registry.
 */
public final class Meters {

  /** The tag that distinguishes the parts of one process. */
  public static final String PART = "part";

  private final MeterRegistry registry;
  private final Tags tags;

  private Meters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
  }

  /** The meters of {@code part}: a connector's id, {@code router}, {@code timeline}. */
  public static Meters of(MeterRegistry registry, String part) {
    return new Meters(registry, Tags.of(PART, part));
  }

  /** The same meters with one more tag. */
  public Meters with(String tag, String value) {
    return new Meters(registry, tags.and(tag, value));
  }

  /** Binds a counter. */
  public void counter(String name, String doc, LongAdder counted) {
    FunctionCounter.builder(name, counted, LongAdder::sum)
        .description(doc)
        .tags(tags)
        .register(registry);
  }

  /** Binds a counter for each reason. */
  public <E extends Enum<E>> void counter(String name, String doc, EnumCounter<E> counted) {
    for (E reason : counted.reasons()) {
      with("reason", EnumCounter.label(reason)).counter(name, doc, counted.counter(reason));
    }
  }

  /** Binds a gauge; {@code value} must not block. */
  public void gauge(String name, String doc, DoubleSupplier value) {
    Gauge.builder(name, value, DoubleSupplier::getAsDouble)
        .description(doc)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** Binds a histogram of delays; {@code name} ends in {@code seconds}. */
  public void delays(String name, String doc, DelayHistogram delays) {
    Meter.builder(name, Meter.Type.TIMER, delays).description(doc).tags(tags).register(registry);
  }

  /** Binds a family of values whose labels change. */
  public void family(String name, String doc, SampleFamily family) {
    Meter.builder(name, family.monotonic() ? Meter.Type.COUNTER : Meter.Type.GAUGE, family)
        .description(doc)
        .tags(tags)
        .register(registry);
  }
}
