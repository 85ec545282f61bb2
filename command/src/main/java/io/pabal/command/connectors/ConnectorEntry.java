// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.command.UsageException;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.address.HostAndPort;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connector.
 *
 * @param state its entry in {@code connectors}; null when there is none, or it cannot be read
 * @param hasTopic whether its deliveries topic exists
 * @param unreadable why its entry cannot be read, so that it may well run; null when it can be
 */
public record ConnectorEntry(
    String id, @Nullable ConnectorState state, boolean hasTopic, @Nullable String unreadable) {

  /**
   * The state for people: UP, DRAINING, DOWN, ORPHANED when there is no entry, UNREADABLE when it
   * cannot be decoded.
   */
  public String stateName() {
    if (unreadable != null) {
      return "UNREADABLE";
    }
    return state == null ? "ORPHANED" : state.getStatus().toString();
  }

  /**
   * Refuses to act on a connector of which nobody knows whether it runs.
   *
   * @param next what else the operator may do
   */
  void requireReadable(String next) {
    if (unreadable != null) {
      throw new UsageException(
          "%s: its entry in connectors cannot be read: %s. Say where the schema registry is by --schema-registry-url or PABAL_SCHEMA_REGISTRY_URL%s"
              .formatted(id, unreadable, next));
    }
  }

  /** Whether there is something of it in {@code connectors}. */
  boolean hasEntry() {
    return state != null || unreadable != null;
  }

  /** Whether it says of itself that it takes clients or is leaving. */
  public boolean claimsToRun() {
    return state != null && state.getStatus() != ConnectorStatus.DOWN;
  }

  /** Whether that incarnation may still run: what is lower, or equal and DOWN, is gone. */
  public boolean mayRun(long incarnation) {
    return state != null
        && hasTopic
        && (incarnation > state.getIncarnation()
            || (incarnation == state.getIncarnation() && claimsToRun()));
  }

  /** Host and port of its listener; empty when not told. */
  public String address() {
    return state == null || state.getHost().isEmpty()
        ? ""
        : HostAndPort.text(state.getHost(), state.getPort());
  }
}
