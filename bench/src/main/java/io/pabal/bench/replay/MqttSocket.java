// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;

/** As much of an MQTT 3.1.1 client as the measurement needs. One thread may write, another read. */
final class MqttSocket implements AutoCloseable {

  private static final int CONNECT = 0x10;
  private static final int PUBLISH_QOS_1 = 0x32;
  private static final int PUBACK = 0x40;
  private static final int SUBSCRIBE = 0x82;
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket;
  private final DataInputStream in;

  /** One packet: its first byte, and what follows the length. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Packet(int type, byte[] body) {
    boolean isPublish() {
      return (type >> 4) == (PUBLISH_QOS_1 >> 4);
    }
  }

  MqttSocket(String host, int port, String clientId) throws IOException {
    socket = new Socket(host, port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    var body = new ByteArrayOutputStream();
    var out = new DataOutputStream(body);
    out.writeUTF("MQTT");
    out.writeByte(4); // the version's level
    out.writeByte(2); // clean session
    out.writeShort(0); // no keep alive
    out.writeUTF(clientId);
    write(CONNECT, body.toByteArray());
    next();
  }

  void subscribe(String address) throws IOException {
    var body = new ByteArrayOutputStream();
    var out = new DataOutputStream(body);
    out.writeShort(1);
    out.writeUTF(address);
    out.writeByte(1);
    write(SUBSCRIBE, body.toByteArray());
    next();
  }

  /** Publishes at QoS 1 and does not wait for the PUBACK. */
  void publish(String address, int packetId, long payload) throws IOException {
    byte[] name = address.getBytes(UTF_8);
    write(
        PUBLISH_QOS_1,
        ByteBuffer.allocate(2 + name.length + 2 + Long.BYTES)
            .putShort((short) name.length)
            .put(name)
            .putShort((short) packetId)
            .putLong(payload)
            .array());
  }

  void acknowledge(Packet publish) throws IOException {
    ByteBuffer body = ByteBuffer.wrap(publish.body());
    write(PUBACK, ByteBuffer.allocate(2).putShort(body.getShort(2 + body.getShort(0))).array());
  }

  /** The last eight bytes of a PUBLISH. */
  static long payload(Packet publish) {
    return ByteBuffer.wrap(publish.body()).getLong(publish.body().length - Long.BYTES);
  }

  /** Waits for the next packet. */
  Packet next() throws IOException {
    int type = in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int digit;
    do {
      digit = in.readUnsignedByte();
      length |= (digit & 0x7f) << shift;
      shift += 7;
    } while (digit > 0x7f);
    return new Packet(type, in.readNBytes(length));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void write(int type, byte[] body) throws IOException {
    var packet = new ByteArrayOutputStream();
    packet.write(type);
    int left = body.length;
    do {
      packet.write(left > 0x7f ? (left & 0x7f) | 0x80 : left);
      left >>= 7;
    } while (left > 0);
    packet.writeBytes(body);
    socket.getOutputStream().write(packet.toByteArray());
  }
}
