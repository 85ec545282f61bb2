// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import org.jspecify.annotations.Nullable;

/**
 * The server redirection that clients receive while this connector drains: to use another server,
 * and which one (MQTT 5, 4.11). Any thread.
 */
public final class Redirection {

  private final boolean permanent;
  private final ServerReferences references;
  private volatile boolean active;

  /**
   * A redirection that has not begun.
   *
   * @param permanent whether clients should forget this server's address: Reason Code 0x9D (Server
   *     moved) instead of 0x9C (Use another server)
   */
  public Redirection(boolean permanent, ServerReferences references) {
    this.permanent = permanent;
    this.references = references;
  }

  /** Begins the redirection: from now on no client is admitted. */
  public void begin() {
    active = true;
  }

  /** Whether the redirection has begun. */
  public boolean isActive() {
    return active;
  }

  /** Whether clients should forget this server's address. */
  public boolean isPermanent() {
    return permanent;
  }

  /** The Server Reference for the next client; null when none is known. */
  public @Nullable String serverReference() {
    return references.next();
  }
}
