// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

/**
 * One connector in the location table: it holds live sessions of an address.
 *
 * @param connectorId the connector's stable id
 * @param incarnation the incarnation that wrote the location
 * @param activation the activation within that incarnation
 */
public record LocationEntry(String connectorId, long incarnation, long activation) {

  /** Whether this is a later life, or a later activation of the same life, than {@code other}. */
  public boolean isNewerThan(LocationEntry other) {
    return incarnation != other.incarnation
        ? incarnation > other.incarnation
        : activation > other.activation;
  }
}
