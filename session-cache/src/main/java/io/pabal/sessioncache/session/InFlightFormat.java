// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoding of deliveries in flight in a session's hash. First the number of feeds, and each
 * feed's name with its length. Then, for each delivery, the packet identifier, the number of its
 * feed and the offset (the bitwise complement of the offset when it is acknowledged). Shorts and
 * longs, big-endian. An empty list is encoded as no bytes.
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
    deliveries.forEach(each -> numbers.putIfAbsent(each.feed(), numbers.size()));
    List<byte[]> names =
        numbers.keySet().stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toList();
    int nameBytes = names.stream().mapToInt(name -> Short.BYTES + name.length).sum();
    ByteBuffer out =
        ByteBuffer.allocate(Short.BYTES + nameBytes + DELIVERY_BYTES * deliveries.size());
    out.putShort((short) names.size());
    names.forEach(name -> out.putShort((short) name.length).put(name));
    for (StoredDelivery each : deliveries) {
      out.putShort((short) each.packetId());
      out.putShort(numbers.getOrDefault(each.feed(), 0).shortValue());
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
      String feed = names[Short.toUnsignedInt(in.getShort())];
      long offset = in.getLong();
      deliveries.add(new StoredDelivery(packetId, feed, offset < 0 ? ~offset : offset, offset < 0));
    }
    return List.copyOf(deliveries);
  }
}
