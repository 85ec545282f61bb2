// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client.local;

import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import java.util.function.Consumer;

/** The client's end of a connection. Knows its number, so that one handler can serve them all. */
final class ClientChannel extends LocalChannel {

  final int number;

  /** Whether something came from the server. */
  volatile boolean answered;

  ClientChannel(int number) {
    this.number = number;
  }

  /** Registers and connects. To {@code server} it comes from an address named by its number. */
  void open(EventLoop loop, LocalAddress server, Consumer<Throwable> onFailure) {
    // The address that Netty would choose is a hash of 32 bits, which repeats among very many.
    LocalAddress own = new LocalAddress(server.id() + "-" + number);
    loop.register(this)
        .addListener(
            registered ->
                connect(server, own)
                    .addListener(
                        connected -> {
                          if (!connected.isSuccess()) {
                            onFailure.accept(connected.cause());
                          }
                        }));
  }
}
