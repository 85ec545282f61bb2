// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client.local;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** One event loop for channels without sockets. */
final class LocalLoop implements AutoCloseable {

  private final MultiThreadIoEventLoopGroup group;

  LocalLoop(String name) {
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(name, true), LocalIoHandler.newFactory());
  }

  MultiThreadIoEventLoopGroup group() {
    return group;
  }

  EventLoop loop() {
    return (EventLoop) group.iterator().next();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 60, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
