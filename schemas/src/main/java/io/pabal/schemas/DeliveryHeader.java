// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The kind of a record in {@code deliveries.<connector id>}, with its position. It is the record
 * header {@value #NAME}, big-endian, so that the value of a message is byte for byte that of {@code
 * messages}:
 *
 * <pre>
 *   kind (1 byte) | partition (4) | offset (8) | incarnation (8) | activation (8)     message, activated
 *   kind (1 byte) | epoch (8)                                                         evict
 *   kind (1 byte) | epoch (8) | forget (1)                                            kick
 *   kind (1 byte) | incarnation (8)                                                   drain
 *   kind (1 byte) | partition (4) | from (8) | through (8) | epoch (8) | client id    rewind
 * </pre>
 */
@NullMarked
public sealed interface DeliveryHeader {

  /** The name of the record header. */
  String NAME = "pabal";

  /**
   * One message for a connector. Key: the address. Value: the value bytes of the record in {@code
   * messages}.
   *
   * @param partition the partition of {@code messages} that holds the message
   * @param offset its offset there; with the partition, its position
   * @param incarnation the connector's incarnation in the location that this was routed by
   * @param activation the activation in that location; the record is stale unless it is the current
   *     activation of the feed
   */
  record Routed(int partition, long offset, long incarnation, long activation)
      implements DeliveryHeader {
    static final byte KIND = 'm';
  }

  /**
   * The router's answer to a {@link Location} that was present. Key: the prefix. No value.
   *
   * @param partition the partition of {@code messages} that orders the feed
   * @param head the offset of the newest message before the activation; later messages of the feed
   *     are pushed, messages up to it are in the timeline once the watermark reaches it; -1 when
   *     the partition was empty
   * @param incarnation the incarnation in the location
   * @param activation the activation in the location
   */
  record Activated(int partition, long head, long incarnation, long activation)
      implements DeliveryHeader {
    static final byte KIND = 'a';
  }

  /**
   * Tells a connector that a session was claimed elsewhere. Key: the client identifier. No value.
   *
   * @param epoch the epoch of the new claim: a local session with a lower one is closed
   */
  record Evict(long epoch) implements DeliveryHeader {
    static final byte KIND = 'e';
  }

  /**
   * An operator ends the connection of a session. Key: the client identifier. No value.
   *
   * @param epoch the epoch of the claim to end; a session with a later claim is not ended
   * @param forget whether the stored session is deleted as well
   */
  record Kick(long epoch, boolean forget) implements DeliveryHeader {
    static final byte KIND = 'k';
  }

  /**
   * An operator asks a connector to leave in good order. Key: the connector id. No value.
   *
   * @param incarnation the incarnation that is asked to leave; later incarnations ignore the record
   */
  record Drain(long incarnation) implements DeliveryHeader {
    static final byte KIND = 'd';
  }

  /**
   * An operator requests that messages of a feed are sent again to its subscribed sessions. Key:
   * the prefix. No value. On a {@link LocationCheck}, the header is for the router, which forwards
   * it to the connectors that the check is for.
   *
   * @param partition the partition of {@code messages} that orders the feed
   * @param from the offset of the first message to send again
   * @param through the offset of the last message to send again
   * @param epoch the newest epoch to rewind; sessions with a later claim are not rewound
   * @param clientId the only session to rewind; empty: all sessions of the feed
   */
  record Rewind(int partition, long from, long through, long epoch, String clientId)
      implements DeliveryHeader {
    static final byte KIND = 'r';
  }

  /** The header's bytes. */
  default byte[] toBytes() {
    return switch (this) {
      case Routed(int partition, long offset, long incarnation, long activation) ->
          positioned(Routed.KIND, partition, offset, incarnation, activation);
      case Activated(int partition, long head, long incarnation, long activation) ->
          positioned(Activated.KIND, partition, head, incarnation, activation);
      case Evict(long epoch) -> ByteBuffer.allocate(9).put(Evict.KIND).putLong(epoch).array();
      case Kick(long epoch, boolean forget) ->
          ByteBuffer.allocate(10)
              .put(Kick.KIND)
              .putLong(epoch)
              .put((byte) (forget ? 1 : 0))
              .array();
      case Drain(long incarnation) ->
          ByteBuffer.allocate(9).put(Drain.KIND).putLong(incarnation).array();
      case Rewind(int partition, long from, long through, long epoch, String clientId) -> {
        byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
        yield ByteBuffer.allocate(29 + id.length)
            .put(positioned(Rewind.KIND, partition, from, through, epoch))
            .put(id)
            .array();
      }
    };
  }

  /**
   * The header in {@code headers}.
   *
   * @throws MalformedRecordException when the header is missing or of an unknown kind
   */
  static DeliveryHeader of(Headers headers) {
    var header = headers.lastHeader(NAME);
    if (header == null) {
      throw new MalformedRecordException("deliveries: a record without the header `" + NAME + "`");
    }
    return parse(header.value());
  }

  /**
   * The header in {@code bytes}.
   *
   * @param bytes the header's value, which Kafka lets be null
   * @throws MalformedRecordException when they are of no known kind, too few, or name a position
   *     that cannot be
   */
  static DeliveryHeader parse(byte @Nullable [] bytes) {
    if (bytes == null) {
      throw new MalformedRecordException("deliveries: a header `" + NAME + "` without a value");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length == 29 && bytes[0] == Routed.KIND) {
      var routed = new Routed(in.getInt(1), in.getLong(5), in.getLong(13), in.getLong(21));
      return checked(routed, routed.partition >= 0 && routed.offset >= 0);
    }
    if (bytes.length == 29 && bytes[0] == Activated.KIND) {
      var activated = new Activated(in.getInt(1), in.getLong(5), in.getLong(13), in.getLong(21));
      return checked(activated, activated.partition >= 0 && activated.head >= -1);
    }
    if (bytes.length == 9 && bytes[0] == Evict.KIND) {
      return new Evict(in.getLong(1));
    }
    if (bytes.length == 10 && bytes[0] == Kick.KIND) {
      return new Kick(in.getLong(1), bytes[9] != 0);
    }
    if (bytes.length == 9 && bytes[0] == Drain.KIND) {
      return new Drain(in.getLong(1));
    }
    if (bytes.length >= 29 && bytes[0] == Rewind.KIND) {
      String clientId = new String(bytes, 29, bytes.length - 29, StandardCharsets.UTF_8);
      var rewind =
          new Rewind(in.getInt(1), in.getLong(5), in.getLong(13), in.getLong(21), clientId);
      return checked(
          rewind, rewind.partition >= 0 && rewind.from >= 0 && rewind.through >= rewind.from);
    }
    throw new MalformedRecordException(
        "deliveries: a header `" + NAME + "` of " + bytes.length + " bytes and an unknown kind");
  }

  private static DeliveryHeader checked(DeliveryHeader header, boolean isPossible) {
    if (!isPossible) {
      throw new MalformedRecordException(
          "deliveries: a header `" + NAME + "` with a position that cannot be: " + header);
    }
    return header;
  }

  private static byte[] positioned(byte kind, int partition, long second, long third, long fourth) {
    return ByteBuffer.allocate(29)
        .put(kind)
        .putInt(partition)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }
}
