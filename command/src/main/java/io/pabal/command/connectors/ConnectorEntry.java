// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connector.
 *
 * @param state its entry in {@code connectors}; null when only its topic is left
 * @param hasTopic whether its deliveries topic exists
 */
public record ConnectorEntry(String id, @Nullable ConnectorState state, boolean hasTopic) {

  /** The state for people: UP, DRAINING, DOWN, or ORPHANED when there is no entry. */
  public String stateName() {
    return state == null ? "ORPHANED" : state.getStatus().toString();
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
        : state.getHost() + ":" + state.getPort();
  }
}
