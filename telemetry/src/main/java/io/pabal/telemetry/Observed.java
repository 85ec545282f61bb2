// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import io.micrometer.core.instrument.binder.MeterBinder;

/** A running part that can be measured and asked how it is. */
public interface Observed extends MeterBinder {

  /** How it is now. Any thread; never blocks, asks nobody else. */
  Health health();
}
