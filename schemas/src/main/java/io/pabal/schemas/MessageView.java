// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Message} that is read in place, from its bytes in the schema of this build. The
 * constructor finds the position of each field and checks that the record is complete; text is
 * decoded when it is requested. Immutable; it keeps the array, which must not change.
 *
 * <p>Follows the order of the fields in {@code Message.avsc}; a test compares it with Avro's
 * reader.
 */
@NullMarked
public final class MessageView {

  /** {@link #expiresAtMillis} of a message that never expires. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int ABSENT = -1;

  private final byte[] bytes;
  private final long publishedAtMillis;
  private final long expiresAtMillis;
  private final int qos;
  private final boolean utf8Payload;
  private final boolean hasProperties;

  // The position of the length of each field, or ABSENT.
  private final int clientId;
  private final int payload;
  private final int contentType;
  private final int responseTopic;
  private final int correlationData;
  private final int userProperties;

  private MessageView(byte[] bytes) {
    this.bytes = bytes;
    var in = new AvroCursor(bytes, AvroCodec.PREFIX_BYTES);
    in.skipBytes(); // address
    in.skipBytes(); // sender
    clientId = in.skipBytes();
    publishedAtMillis = in.readLong();
    qos = (int) in.readLong();
    payload = in.skipBytes();
    utf8Payload = in.readByte() != 0;
    contentType = skipOptionalBytes(in);
    responseTopic = skipOptionalBytes(in);
    correlationData = skipOptionalBytes(in);
    expiresAtMillis = in.readBranch() ? in.readLong() : NEVER;
    userProperties = in.position();
    long first = in.readBlock();
    hasProperties =
        utf8Payload
            || contentType != ABSENT
            || responseTopic != ABSENT
            || correlationData != ABSENT
            || expiresAtMillis != NEVER
            || first > 0;
    for (long block = first; block > 0; block = in.readBlock()) {
      for (long i = 0; i < block; i++) {
        in.skipBytes();
        in.skipBytes();
      }
    }
  }

  /**
   * The message in {@code value}. Never blocks.
   *
   * @param codec knows the writer's schema; a message in another schema than the codec's own is
   *     decoded and encoded again
   * @throws MalformedRecordException as {@link AvroCodec#decode}
   * @throws SchemaPendingException as {@link AvroCodec#decode}
   */
  public static MessageView of(AvroCodec<Message> codec, byte @Nullable [] value) {
    byte[] own = codec.inOwnSchema(value);
    try {
      return new MessageView(own);
    } catch (IndexOutOfBoundsException e) {
      throw new MalformedRecordException(
          Message.class.getName() + ": cannot be decoded: ends too early", e);
    }
  }

  /** Bytes of the record that this view keeps. */
  public int length() {
    return bytes.length;
  }

  /** The client identifier of the publisher. */
  public String clientId() {
    return text(clientId);
  }

  /** The time of publishing, in milliseconds since 1970 UTC. */
  public long publishedAtMillis() {
    return publishedAtMillis;
  }

  /** The time of expiry, in milliseconds since 1970 UTC, or {@link #NEVER}. */
  public long expiresAtMillis() {
    return expiresAtMillis;
  }

  /** The QoS of the PUBLISH. */
  public int qos() {
    return qos;
  }

  /** Whether the message has any of the MQTT 5 properties below, or expires. */
  public boolean hasProperties() {
    return hasProperties;
  }

  /** MQTT 5 Payload Format Indicator: whether the publisher declared the payload to be UTF-8. */
  public boolean isUtf8Payload() {
    return utf8Payload;
  }

  /** The payload, without a copy. */
  public ByteBuffer payload() {
    return slice(payload);
  }

  /** MQTT 5 Content Type. */
  public @Nullable String contentType() {
    return contentType == ABSENT ? null : text(contentType);
  }

  /** MQTT 5 Response Topic. */
  public @Nullable String responseTopic() {
    return responseTopic == ABSENT ? null : text(responseTopic);
  }

  /** The bytes of {@link #contentType}, in place. */
  public @Nullable ByteBuffer contentTypeUtf8() {
    return contentType == ABSENT ? null : slice(contentType);
  }

  /** The bytes of {@link #responseTopic}, in place. */
  public @Nullable ByteBuffer responseTopicUtf8() {
    return responseTopic == ABSENT ? null : slice(responseTopic);
  }

  /** MQTT 5 Correlation Data, in place. */
  public @Nullable ByteBuffer correlationData() {
    return correlationData == ABSENT ? null : slice(correlationData);
  }

  /** MQTT 5 User Properties in the publisher's order. */
  public List<UserProperty> userProperties() {
    var in = new AvroCursor(bytes, userProperties);
    long block = in.readBlock();
    if (block == 0) {
      return List.of();
    }
    List<UserProperty> all = new ArrayList<>();
    for (; block > 0; block = in.readBlock()) {
      for (long i = 0; i < block; i++) {
        all.add(new UserProperty(text(in.skipBytes()), text(in.skipBytes())));
      }
    }
    return all;
  }

  /**
   * Whether all names and values of {@link #userProperties}, in place, are as {@code valid} says.
   */
  public boolean allUserPropertyTexts(Predicate<ByteBuffer> valid) {
    var in = new AvroCursor(bytes, userProperties);
    for (long block = in.readBlock(); block > 0; block = in.readBlock()) {
      for (long i = 0; i < 2 * block; i++) {
        if (!valid.test(slice(in.skipBytes()))) {
          return false;
        }
      }
    }
    return true;
  }

  private static int skipOptionalBytes(AvroCursor in) {
    return in.readBranch() ? in.skipBytes() : ABSENT;
  }

  private String text(int at) {
    ByteBuffer utf8 = slice(at);
    return new String(bytes, utf8.position(), utf8.remaining(), UTF_8);
  }

  private ByteBuffer slice(int at) {
    var in = new AvroCursor(bytes, at);
    int length = (int) in.readLong();
    return ByteBuffer.wrap(bytes, in.position(), length);
  }
}
