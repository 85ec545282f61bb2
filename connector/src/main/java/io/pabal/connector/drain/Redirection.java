// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import org.jspecify.annotations.Nullable;

/**
 * What clients are told once this connector drains: that they should use another server, and which
 * (MQTT 5, 4.11). Any thread.
 */
public final class Redirection {

  private final boolean permanent;
  private final ServerReferences references;
  private volatile boolean active;

  /**
   * A redirection that has not begun.
   *
   * @param permanent whether clients are to forget this server's address
   */
  public Redirection(boolean permanent, ServerReferences references) {
    this.permanent = permanent;
    this.references = references;
  }

  /** From now on nobody is let in. */
  public void begin() {
    active = true;
  }

  /** Whether it has begun. */
  public boolean isActive() {
    return active;
  }

  /** Whether clients are to forget this server's address. */
  public boolean isPermanent() {
    return permanent;
  }

  /** The Server Reference for the next client; null when none is known. */
  public @Nullable String serverReference() {
    return references.next();
  }
}
