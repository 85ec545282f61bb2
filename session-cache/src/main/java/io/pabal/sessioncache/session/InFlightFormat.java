// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How deliveries in flight are kept in a session's hash: number of addresses, each with its length;
 * then per delivery packet identifier, number of its address, offset (its bitwise complement when
 * acknowledged). Shorts and longs, big-endian; nothing in flight is no byte at all.
 */
final class InFlightFormat {

  private static final int DELIVERY_BYTES = Short.BYTES + Short.BYTES + Long.BYTES;
  private static final byte[] NOTHING = {};

  private InFlightFormat() {}

  static byte[] encode(List<StoredDelivery> deliveries) {
    if (deliveries.isEmpty()) {
      return NOTHING;
    }
    Map<String, Integer> numbers = new LinkedHashMap<>();
    deliveries.forEach(each -> numbers.putIfAbsent(each.address(), numbers.size()));
    List<byte[]> names =
        numbers.keySet().stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toList();
    int nameBytes = names.stream().mapToInt(name -> Short.BYTES + name.length).sum();
    ByteBuffer out =
        ByteBuffer.allocate(Short.BYTES + nameBytes + DELIVERY_BYTES * deliveries.size());
    out.putShort((short) names.size());
    names.forEach(name -> out.putShort((short) name.length).put(name));
    for (StoredDelivery each : deliveries) {
      out.putShort((short) each.packetId());
      out.putShort(numbers.getOrDefault(each.address(), 0).shortValue());
      out.putLong(each.acknowledged() ? ~each.offset() : each.offset());
    }
    return out.array();
  }

  static List<StoredDelivery> decode(byte[] encoded) {
    if (encoded.length == 0) {
      return List.of();
    }
    ByteBuffer in = ByteBuffer.wrap(encoded);
    String[] names = new String[Short.toUnsignedInt(in.getShort())];
    for (int i = 0; i < names.length; i++) {
      byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
      in.get(name);
      names[i] = new String(name, StandardCharsets.UTF_8);
    }
    List<StoredDelivery> deliveries = new ArrayList<>(in.remaining() / DELIVERY_BYTES);
    while (in.hasRemaining()) {
      int packetId = Short.toUnsignedInt(in.getShort());
      String address = names[Short.toUnsignedInt(in.getShort())];
      long offset = in.getLong();
      deliveries.add(
          new StoredDelivery(packetId, address, offset < 0 ? ~offset : offset, offset < 0));
    }
    return List.copyOf(deliveries);
  }
}
