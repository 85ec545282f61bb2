// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * The Netty transport of a loop.
 *
 * @param isNative whether it supports the socket options of Linux
 */
record LoopTransport(
    IoHandlerFactory handlers, Class<? extends Channel> channel, boolean isNative) {

  /** The most in a Linux queue; others overflow, and a socket that closes causes several. */
  private static final int COMPLETIONS_MAX = 1 << 16;

  /**
   * The cheapest that this machine allows: io_uring, which reads and writes many sockets in one
   * system call, or else epoll, which needs two for each.
   */
  static LoopTransport best() {
    if (IoUring.isAvailable()) {
      var config = new IoUringIoHandlerConfig().setCqSize(COMPLETIONS_MAX);
      return new LoopTransport(
          IoUringIoHandler.newFactory(config), IoUringSocketChannel.class, true);
    }
    return Epoll.isAvailable()
        ? new LoopTransport(EpollIoHandler.newFactory(), EpollSocketChannel.class, true)
        : new LoopTransport(NioIoHandler.newFactory(), NioSocketChannel.class, false);
  }
}
