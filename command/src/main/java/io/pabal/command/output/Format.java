// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.output;

/** How a command writes its data. */
public enum Format {
  /** Columns for people. */
  TABLE,
  /** One JSON document. */
  JSON
}
