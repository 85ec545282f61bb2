// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

/**
 * One connector in a row of the location table: the connector has live sessions of the prefix.
 *
 * @param connectorId the connector's stable id
 * @param incarnation the incarnation that wrote the location
 * @param activation the activation within that incarnation
 */
public record LocationEntry(String connectorId, long incarnation, long activation) {

  /**
   * Whether this entry has a higher incarnation than {@code other}, or the same incarnation and a
   * higher activation.
   */
  public boolean isNewerThan(LocationEntry other) {
    return incarnation != other.incarnation
        ? incarnation > other.incarnation
        : activation > other.activation;
  }
}
