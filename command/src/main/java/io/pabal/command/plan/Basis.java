// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/** The basis of a figure, from the strongest to the weakest. */
enum Basis {
  /** Measured on a running Pabal; the source of the figure names the conditions. */
  MEASURED,
  /** Follows from a format or a configuration. */
  COMPUTED,
  /** A design target of Pabal; not yet measured. */
  TARGET,
  /** A common value of hardware or of Kafka and Redis, to be replaced with the operator's own. */
  ASSUMED
}
