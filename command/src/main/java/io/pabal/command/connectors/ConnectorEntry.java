// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.UsageException;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.address.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * One connector as the cluster's topics show it.
 *
 * @param state the entry in {@code connectors}; null when the entry is missing or cannot be read
 * @param hasTopic whether the deliveries topic of the connector exists
 * @param unreadable why the entry cannot be read, in which case the connector may still run; null
 *     when the entry is missing or can be read
 */
public record ConnectorEntry(
    String id, @Nullable ConnectorState state, boolean hasTopic, @Nullable String unreadable) {

  /**
   * The state as operators read it: UP, DRAINING, DOWN, ORPHANED when there is no entry, UNREADABLE
   * when the entry cannot be decoded.
   */
  public String stateName() {
    if (unreadable != null) {
      return "UNREADABLE";
    }
    return state == null ? "ORPHANED" : state.getStatus().toString();
  }

  /**
   * Refuses to act on a connector whose entry cannot be read: it is unknown whether the connector
   * runs.
   *
   * @param next the end of the error message: what else the operator may do
   */
  void requireReadable(String next) {
    if (unreadable != null) {
      throw new UsageException(
          "%s: its entry in connectors cannot be read: %s. Say where the schema registry is by --schema-registry-url or PABAL_SCHEMA_REGISTRY_URL%s"
              .formatted(id, unreadable, next));
    }
  }

  /** Whether the connector has an entry in {@code connectors}, readable or not. */
  boolean hasEntry() {
    return state != null || unreadable != null;
  }

  /** Whether the entry says that the connector accepts clients or is draining. */
  public boolean claimsToRun() {
    return state != null && state.getStatus() != ConnectorStatus.DOWN;
  }

  /**
   * Whether {@code incarnation} may still run. An incarnation that is lower than the entry's has
   * ended, and so has an equal one when the entry is DOWN. Without a readable entry or without a
   * deliveries topic, the answer is false.
   */
  public boolean mayRun(long incarnation) {
    return state != null
        && hasTopic
        && (incarnation > state.getIncarnation()
            || (incarnation == state.getIncarnation() && claimsToRun()));
  }

  /** Host and port of the connector's listener; empty when the entry does not name them. */
  public String address() {
    return state == null || state.getHost().isEmpty()
        ? ""
        : HostAndPort.text(state.getHost(), state.getPort());
  }
}
