// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop, the only thread that its connections run on. Packets that they write in one turn
 * of the loop are flushed at the end of the turn, with one write for each socket.
 */
public final class ClientLoop implements AutoCloseable {

  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int CLOSE_TIMEOUT_SECONDS = 5;

  /** IPPROTO_IP and IP_BIND_ADDRESS_NO_PORT of Linux (ip(7)). */
  private static final ChannelOption<Integer> BIND_ADDRESS_NO_PORT =
      new IntegerUnixChannelOption("BIND_ADDRESS_NO_PORT", 0, 24);

  static {
    // Sampling one buffer in 128 costs a client some per cent of its time; tests track all.
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  private final EventLoopGroup group;
  private final Bootstrap bootstrap;
  private final ArrayDeque<Connection> unflushed = new ArrayDeque<>();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  private ClientLoop(EventLoopGroup group, Bootstrap bootstrap) {
    this.group = group;
    this.bootstrap = bootstrap;
  }

  /** Starts it. */
  public static ClientLoop start(String name) {
    var transport = LoopTransport.best();
    var group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(name, true), transport.handlers());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(transport.channel())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
    if (transport.isNative()) {
      // The kernel then chooses the port at connect, among those free towards the server.
      bootstrap.option(BIND_ADDRESS_NO_PORT, 1);
    }
    return new ClientLoop(group, bootstrap);
  }

  /** Runs {@code task} on the loop, soon. */
  public void execute(Runnable task) {
    group.execute(task);
  }

  /** Runs {@code task} on the loop and returns what it returns. Not for the loop's own thread. */
  public <T> T call(Callable<T> task) throws Exception {
    return group.submit(task).get();
  }

  /** Runs {@code task} on the loop and waits for that. Not for the loop's own thread. */
  public void run(Runnable task) throws Exception {
    group.submit(task).get();
  }

  /** Runs {@code task} on the loop again and again. */
  public Future<?> every(long periodNanos, Runnable task) {
    return group.scheduleAtFixedRate(task, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
  }

  /** Runs {@code task} on the loop, later. */
  public void after(long delayNanos, Runnable task) {
    var _ = group.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  ChannelFuture connect(
      Connection connection, InetSocketAddress remote, @Nullable InetSocketAddress source) {
    Bootstrap own = bootstrap.clone().handler(connection);
    ChannelFuture connecting = source == null ? own.connect(remote) : own.connect(remote, source);
    return connecting.addListener(
        (ChannelFutureListener)
            done -> {
              if (done.isSuccess()) {
                open.add(done.channel());
              }
            });
  }

  /** Flushes {@code connection} at the end of this turn. */
  void flushLater(Connection connection) {
    if (unflushed.isEmpty()) {
      group.execute(this::flush);
    }
    unflushed.add(connection);
  }

  private void flush() {
    // A connection that is added during this task is flushed by it, so none is left at its end.
    for (int left = unflushed.size(); left > 0; left = unflushed.size()) {
      unflushed.element().flush();
      unflushed.remove();
    }
  }

  /** Closes every connection, and waits for that. Not for the loop's own thread. */
  @Override
  public void close() {
    // Before the loop ends: io_uring reports a closed socket later, and needs the loop for that.
    open.close().awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    group.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
