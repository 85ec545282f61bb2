// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.pabal.schemas.address.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The address of the server, and how to connect to it.
 *
 * @param server its address, resolved
 * @param sourceAddresses from how many addresses from 127.0.0.1 on clients connect in turn, since
 *     one address has a port for each connection; 1 leaves the address to the system
 */
public record Endpoint(InetSocketAddress server, Protocol protocol, int sourceAddresses) {

  /** The most source addresses. */
  public static final int SOURCE_ADDRESSES_MAX = 250;

  /** An MQTT 5 server on this machine. */
  public static Endpoint loopback(int port) {
    return new Endpoint(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Protocol.MQTT_5, 1);
  }

  @Nullable InetSocketAddress source(int client) {
    return sourceAddresses == 1
        ? null
        : new InetSocketAddress(
            InetAddress.ofLiteral("127.0.0." + (1 + client % sourceAddresses)), 0);
  }

  @Override
  public String toString() {
    return HostAndPort.text(server.getHostString(), server.getPort());
  }
}
