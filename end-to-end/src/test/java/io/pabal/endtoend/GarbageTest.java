// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.endtoend.Clients.Subscriber;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that send nonsense, at once and in the middle of a session, beside one that does not. */
@ExtendWith(Backbone.Extension.class)
class GarbageTest {

  private static final int CONNECTIONS = 300;
  private static final int READ_TIMEOUT_MILLIS = 180_000;

  /** CONNECT, MQTT 5, clean start, keep-alive 60 s, client identifier "g". */
  private static final byte[] CONNECT = {
    0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 1, 'g'
  };

  @Test
  void shouldCloseGarbageAndLeaveOthersUntouched(Backbone backbone) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Pipeline pipeline = Pipeline.on(backbone, 1)) {
      Subscriber witness = Clients.persistent(pipeline.port(1), "witness", true);
      witness.subscribe("garbage/1");
      Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(1), "publisher");

      for (int i = 0; i < CONNECTIONS; i++) {
        byte[] prefix = i % 2 == 0 ? new byte[0] : CONNECT;
        sendAndAwaitClose(pipeline.port(1), prefix, garbage(random));
        if (i % 10 == 0) {
          Clients.await(Clients.publish(publisher, "garbage/1", "m" + i / 10));
        }
      }

      await()
          .untilAsserted(
              () ->
                  assertThat(witness.received)
                      .isEqualTo(
                          IntStream.range(0, CONNECTIONS / 10).mapToObj(i -> "m" + i).toList()));
      await().until(() -> pipeline.connector(1).sessionCount() == 2);
      assertThat(witness.client.getState().isConnected()).isTrue();
      assertThat(publisher.getState().isConnected()).isTrue();
    }
  }

  /** Bytes that no MQTT packet of a client begins with, so that the connection has to be closed. */
  private static byte[] garbage(Random random) {
    byte[] bytes = new byte[1 + random.nextInt(2_000)];
    random.nextBytes(bytes);
    bytes[0] = (byte) 0xF5;
    return bytes;
  }

  private static void sendAndAwaitClose(int port, byte[] first, byte[] then) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      OutputStream out = socket.getOutputStream();
      byte[] all = Arrays.copyOf(first, first.length + then.length);
      System.arraycopy(then, 0, all, first.length, then.length);
      try {
        out.write(all);
        byte[] answer = new byte[1024];
        while (socket.getInputStream().read(answer) >= 0) {
          // The answer is looked at in the connector's own tests; here it has to end.
        }
      } catch (IOException e) {
        if (e instanceof java.net.SocketTimeoutException) {
          throw e;
        }
      }
    }
  }
}
