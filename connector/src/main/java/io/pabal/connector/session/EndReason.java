// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/** Why a session's network connection ended, as the {@code sessions} topic names it. */
public enum EndReason {
  /** The client sent DISCONNECT. */
  CLIENT("client"),
  /** The socket closed without DISCONNECT. */
  CONNECTION_LOST("connection-lost"),
  /** No packet arrived within one and a half times the Keep Alive (MQTT 5, 3.1.2.10). */
  KEEP_ALIVE("keep-alive"),
  /** The client broke the protocol or a limit. */
  PROTOCOL_ERROR("protocol-error"),
  /** Another connection with this client identifier claimed the session (MQTT 5, 3.1.4). */
  TAKEN_OVER("taken-over"),
  /** Kafka did not acknowledge a message of the client in time. */
  APPEND_FAILED("append-failed"),
  /** An operator ended the session or its connection. */
  ADMINISTRATIVE("administrative"),
  /** The connector drains: its clients are to connect to another connector. */
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
