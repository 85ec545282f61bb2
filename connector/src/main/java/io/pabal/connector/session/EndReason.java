// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/** Why a session's network connection ended, as the {@code sessions} topic names it. */
public enum EndReason {
  /** The client sent DISCONNECT. */
  CLIENT("client"),
  /** The socket closed without DISCONNECT. */
  CONNECTION_LOST("connection-lost"),
  /** Nothing was heard for one and a half times the Keep Alive. */
  KEEP_ALIVE("keep-alive"),
  /** The client broke the protocol or a limit. */
  PROTOCOL_ERROR("protocol-error"),
  /** Another connection of the same client identifier took the session. */
  TAKEN_OVER("taken-over"),
  /** Kafka did not take a message in time. */
  APPEND_FAILED("append-failed"),
  /** An operator ended it. */
  ADMINISTRATIVE("administrative"),
  /** The connector is leaving; its sessions go elsewhere. */
  DRAINING("draining"),
  /** Something failed inside the connector. */
  SERVER_ERROR("server-error");

  private final String text;

  EndReason(String text) {
    this.text = text;
  }

  /** The name in topics and logs. */
  public String text() {
    return text;
  }
}
