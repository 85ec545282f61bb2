// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.pabal.connector.ConnectorConfig;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The Netty transports that a connector can use. */
public enum Transport {
  /** Linux epoll through Netty's native library. */
  EPOLL,
  /** The JDK's selectors. */
  NIO,
  /**
   * No sockets: clients in the same JVM connect to the {@link LocalAddress} whose name is the
   * connector's id. No configuration selects it.
   */
  LOCAL;

  /** The best one for sockets on this machine: epoll where the native library loads, else NIO. */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Starts a group of {@code threads} event loops; the caller has to shut it down. */
  public MultiThreadIoEventLoopGroup eventLoops(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), ioHandler());
  }

  /** Whether clients connect over TCP. */
  boolean isTcp() {
    return this != LOCAL;
  }

  Class<? extends ServerChannel> serverChannel() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case NIO -> NioServerSocketChannel.class;
      case LOCAL -> LocalServerChannel.class;
    };
  }

  /** The address on which the connector of {@code config} listens. */
  SocketAddress address(ConnectorConfig config) {
    return isTcp()
        ? new InetSocketAddress(config.listener().host(), config.listener().port())
        : new LocalAddress(config.id());
  }

  private IoHandlerFactory ioHandler() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
      case LOCAL -> LocalIoHandler.newFactory();
    };
  }
}
