// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.micrometer.core.instrument.binder.MeterBinder;

/** A running part with meters and a health. */
public interface Observed extends MeterBinder {

  /** The health now. Any thread; never blocks and calls no other process. */
  Health health();
}
