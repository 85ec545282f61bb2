// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

/** How the routers of one application agree on who has which partition. */
public enum GroupProtocol {
  /** The routers elect a leader among themselves, which assigns; timeouts are the clients'. */
  CLASSIC,
  /** The brokers assign (KIP-1071); timeouts are the brokers' {@code group.streams.*} settings. */
  STREAMS
}
