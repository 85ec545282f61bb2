// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import java.net.InetSocketAddress;

/** One running connector. */
public final class Connector implements AutoCloseable {

  private final InetSocketAddress address;

  private Connector(InetSocketAddress address) {
    this.address = address;
  }

  /** Starts a connector and returns when it takes clients. Blocks. */
  public static Connector start(ConnectorConfig config) {
    return new Connector(new InetSocketAddress(config.listener().host(), config.listener().port()));
  }

  /** Where clients connect. */
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void close() {}
}
