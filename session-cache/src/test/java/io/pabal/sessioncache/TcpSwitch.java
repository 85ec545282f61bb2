// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port of 127.0.0.1 that leads to a server, like a name in DNS: connections that are made later
 * may lead to another one. It may also swallow what is sent, like a network that drops packets.
 */
final class TcpSwitch implements AutoCloseable {

  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();
  private volatile int port;
  private volatile int swallowedThrough;

  TcpSwitch(int port) throws IOException {
    this.port = port;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Leads connections that are made from now on to another server. */
  void leadTo(int other) {
    port = other;
  }

  /** From now on nothing comes through the connections that are open, and they stay open. */
  void swallow() {
    swallowedThrough = connections.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        int number = connections.incrementAndGet();
        var _ = Thread.ofVirtual().start(() -> copy(number, client, server));
        var _ = Thread.ofVirtual().start(() -> copy(number, server, client));
      } catch (IOException e) {
        // The switch is closed, or nobody listens: the client tries again.
      }
    }
  }

  private void copy(int number, Socket from, Socket to) {
    byte[] buffer = new byte[8_192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        if (number > swallowedThrough) {
          out.write(buffer, 0, length);
        }
      }
    } catch (IOException e) {
      // One end has closed: so does the other.
    }
  }
}
