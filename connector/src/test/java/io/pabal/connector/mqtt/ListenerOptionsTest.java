// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ListenerOptionsTest {

  static Set<Transport> transports() {
    return EnumSet.of(Transport.NIO, Transport.best());
  }

  @ParameterizedTest
  @MethodSource("transports")
  void shouldProbeAcceptedSockets(Transport transport) throws Exception {
    MultiThreadIoEventLoopGroup loops = transport.eventLoops(1, "options");
    CompletableFuture<Channel> accepted = new CompletableFuture<>();
    try {
      var bootstrap =
          new ServerBootstrap()
              .group(loops)
              .channel(transport.serverChannel())
              .childHandler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                      accepted.complete(client);
                    }
                  });
      MqttListener.options(bootstrap, transport);
      Channel server = bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
      try (Socket client = connect((InetSocketAddress) server.localAddress())) {
        Channel socket = accepted.get(1, TimeUnit.MINUTES);

        assertThat(client.isConnected()).isTrue();
        assertThat(socket.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(socket.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        if (transport == Transport.EPOLL) {
          assertThat(socket.config().getOption(EpollChannelOption.TCP_KEEPIDLE))
              .isEqualTo(MqttListener.PROBE_AFTER_SECONDS);
        }
      }
    } finally {
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static Socket connect(InetSocketAddress address) throws IOException {
    return new Socket(address.getAddress(), address.getPort());
  }
}
