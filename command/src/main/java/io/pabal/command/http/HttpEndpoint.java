// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The HTTP port of a process: {@code /metrics}, {@code /health/live} and {@code /health/ready}.
 *
 * <p>The resources are bounded. The endpoint has {@value #THREADS} threads of its own and at most
 * {@value #CONNECTIONS_MAX} connections. A further connection is closed at once. Each connection
 * serves one request. A connection is closed when the client sends nothing for {@value
 * #SILENCE_SECONDS_MAX} s, or does not read the answer for as long.
 */
public final class HttpEndpoint implements AutoCloseable {

  private static final int THREADS = 2;
  private static final int CONNECTIONS_MAX = 64;
  private static final int SILENCE_SECONDS_MAX = 60;
  private static final int LINE_CHARS_MAX = 4_096;
  private static final int HEADER_CHARS_MAX = 8_192;
  private static final int CHUNK_BYTES_MAX = 8_192;
  private static final long STOP_SECONDS = 2;

  private final MultiThreadIoEventLoopGroup threads;
  private final Channel channel;
  private final AtomicInteger connections = new AtomicInteger();

  private HttpEndpoint(HttpConfig config, Monitor monitor) throws InterruptedException {
    threads =
        new MultiThreadIoEventLoopGroup(
            THREADS,
            new DefaultThreadFactory("http", /* daemon= */ true),
            NioIoHandler.newFactory());
    var bound =
        new ServerBootstrap()
            .group(threads)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    admit(client, monitor);
                  }
                })
            .bind(config.host(), config.port())
            .await();
    if (!bound.isSuccess()) {
      stopThreads();
      throw new IllegalStateException(
          "http.port: %d on %s cannot be bound: %s. Choose another port, or end the process that has it."
              .formatted(config.port(), config.host(), bound.cause().getMessage()),
          bound.cause());
    }
    channel = bound.channel();
  }

  /**
   * Opens the port. Blocks.
   *
   * @throws IllegalStateException when the port cannot be bound; names the port and the remedy
   */
  public static HttpEndpoint open(HttpConfig config, Monitor monitor) throws InterruptedException {
    return new HttpEndpoint(config, monitor);
  }

  /** The address that the endpoint is bound to. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    stopThreads();
  }

  private void admit(Channel client, Monitor monitor) {
    var _ = client.closeFuture().addListener(closed -> connections.decrementAndGet());
    if (connections.incrementAndGet() > CONNECTIONS_MAX) {
      var _ = client.close();
      return;
    }
    pipeline(client.pipeline(), monitor);
  }

  private static void pipeline(ChannelPipeline pipeline, Monitor monitor) {
    pipeline.addLast("silence", new ReadTimeoutHandler(SILENCE_SECONDS_MAX));
    pipeline.addLast("slowness", new WriteTimeoutHandler(SILENCE_SECONDS_MAX));
    pipeline.addLast(
        "codec", new HttpServerCodec(LINE_CHARS_MAX, HEADER_CHARS_MAX, CHUNK_BYTES_MAX));
    pipeline.addLast("requests", new RequestHandler(monitor));
  }

  private void stopThreads() {
    threads.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
