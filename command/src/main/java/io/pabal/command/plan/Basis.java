// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/** Where a figure comes from. */
enum Basis {
  /** Measured on a running Pabal; the conditions are told with it. */
  MEASURED,
  /** Follows from a format or a configuration. */
  COMPUTED,
  /** What Pabal is designed to do; not yet measured. */
  TARGET,
  /** A common value of hardware or of Kafka and Redis, to be replaced by one's own. */
  ASSUMED
}
