// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Encoder;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * A writer of {@link Message}, field by field. It produces the same bytes as Avro's generic writer,
 * without looking up the type of each field of each message.
 *
 * <p>Follows the order of the fields in {@code Message.avsc}; a test compares it with Avro's
 * writer.
 */
@NullMarked
final class MessageWriter implements DatumWriter<Message> {

  private static final int NULL = 0;
  private static final int PRESENT = 1;

  @Override
  public void setSchema(Schema schema) {}

  @Override
  public void write(Message message, Encoder out) throws IOException {
    out.writeString(message.getAddress());
    out.writeString(message.getSender());
    out.writeString(message.getClientId());
    out.writeLong(message.getPublishedAt().toEpochMilli());
    out.writeInt(message.getQos());
    out.writeBytes(message.getPayload());
    out.writeBoolean(message.getUtf8Payload());
    writeOptional(message.getContentType(), out);
    writeOptional(message.getResponseTopic(), out);
    writeOptional(message.getCorrelationData(), out);
    writeOptional(message.getExpiresAt(), out);
    writeUserProperties(message.getUserProperties(), out);
  }

  private static void writeOptional(@Nullable String value, Encoder out) throws IOException {
    out.writeIndex(value == null ? NULL : PRESENT);
    if (value != null) {
      out.writeString(value);
    }
  }

  private static void writeOptional(@Nullable ByteBuffer value, Encoder out) throws IOException {
    out.writeIndex(value == null ? NULL : PRESENT);
    if (value != null) {
      out.writeBytes(value);
    }
  }

  private static void writeOptional(@Nullable Instant value, Encoder out) throws IOException {
    out.writeIndex(value == null ? NULL : PRESENT);
    if (value != null) {
      out.writeLong(value.toEpochMilli());
    }
  }

  private static void writeUserProperties(List<UserProperty> all, Encoder out) throws IOException {
    out.writeArrayStart();
    out.setItemCount(all.size());
    for (UserProperty each : all) {
      out.startItem();
      out.writeString(each.getName());
      out.writeString(each.getValue());
    }
    out.writeArrayEnd();
  }
}
