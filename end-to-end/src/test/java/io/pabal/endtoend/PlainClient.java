// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Wire;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An MQTT 5 client on a blocking socket: it reads only when it is told to, acknowledges only when
 * it is told to, and keeps nothing.
 */
final class PlainClient implements AutoCloseable {

  /** Longer than any outage of a test, with the time it takes on a busy machine to see it. */
  private static final int TIMEOUT_MILLIS = 400_000;

  private static final int ACKNOWLEDGEMENTS_BYTES = 256;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private int answer;
  private final ByteArrayOutputStream acknowledgements = new ByteArrayOutputStream();

  /** One packet; what its type does not have is 0 or empty. */
  record Packet(MqttMessageType type, int packetId, String payload) {}

  private PlainClient(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** A client that was let in with this CONNECT. */
  static PlainClient connect(int port, byte[] connect) throws IOException {
    PlainClient client = attempt(port, connect);
    assertThat(client.answer()).isZero();
    return client;
  }

  /** A client that may have been let in with this CONNECT; {@link #answer} tells. */
  static PlainClient attempt(int port, byte[] connect) throws IOException {
    PlainClient client = new PlainClient(port);
    client.send(connect);
    assertThat(client.next().type()).isEqualTo(MqttMessageType.CONNACK);
    return client;
  }

  /** The reason code of the CONNACK. */
  int answer() {
    return answer;
  }

  void send(byte[]... packets) throws IOException {
    socket.getOutputStream().write(Wire.concat(packets));
  }

  /** Waits for the next packet. */
  Packet next() throws IOException {
    MqttMessageType type = MqttMessageType.valueOf(in.readUnsignedByte() >> 4);
    ByteBuffer body = ByteBuffer.wrap(in.readNBytes(variableByteInteger()));
    return switch (type) {
      case PUBLISH -> publish(body);
      case PUBACK -> new Packet(type, body.getChar(), "");
      case CONNACK -> {
        answer = body.get(1) & 0xff;
        yield new Packet(type, 0, "");
      }
      default -> new Packet(type, 0, "");
    };
  }

  /** Acknowledges; what is to be acknowledged is gathered while there is more to be read. */
  void acknowledge(int packetId) throws IOException {
    acknowledgements.write(Wire.pubAck(packetId));
    if (acknowledgements.size() >= ACKNOWLEDGEMENTS_BYTES || in.available() == 0) {
      send(acknowledgements.toByteArray());
      acknowledgements.reset();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static Packet publish(ByteBuffer body) {
    body.position(body.getChar() + Short.BYTES);
    // Every subscription of these tests is at QoS 1; what is pushed at QoS 0 is never read.
    int packetId = body.getChar();
    int propertiesLength = body.get();
    body.position(body.position() + propertiesLength);
    return new Packet(
        MqttMessageType.PUBLISH, packetId, StandardCharsets.UTF_8.decode(body).toString());
  }

  private int variableByteInteger() throws IOException {
    int value = 0;
    int shift = 0;
    int digit;
    do {
      digit = in.readUnsignedByte();
      value |= (digit & 0x7f) << shift;
      shift += 7;
    } while ((digit & 0x80) != 0);
    return value;
  }
}
