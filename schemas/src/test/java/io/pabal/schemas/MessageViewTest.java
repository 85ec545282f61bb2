// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.BlockingBinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is written and read by hand, against Avro's own writer and reader. */
class MessageViewTest {

  private static final int MESSAGES = 1_000;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void shouldWriteTheBytesThatAvroWrites() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      Message message = message();

      assertThat(Codecs.MESSAGE.encode(message))
          .as("seed %d, %s", seed, message)
          .isEqualTo(writtenByAvro(message, false));
    }
  }

  @Test
  void shouldReadWhatAvroReads() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      Message message = message();

      MessageView view = MessageView.of(Codecs.MESSAGE, writtenByAvro(message, false));

      assertSame(view, message);
    }
  }

  @Test
  void shouldReadArraysOfSeveralBlocksWithTheirSizes() throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      Message message = message();

      MessageView view = MessageView.of(Codecs.MESSAGE, writtenByAvro(message, true));

      assertSame(view, message);
    }
  }

  @Test
  void shouldRefuseWhatEndsTooEarly() {
    Message message = message();
    byte[] whole = Codecs.MESSAGE.encode(message);

    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> MessageView.of(Codecs.MESSAGE, part))
          .as("seed %d, %d bytes of %s", seed, part.length, message)
          .isInstanceOf(MalformedRecordException.class);
    }
  }

  @Test
  void shouldSurviveGarbage() {
    for (int i = 0; i < MESSAGES; i++) {
      byte[] damaged = Codecs.MESSAGE.encode(message());
      damaged[AvroCodec.PREFIX_BYTES + random.nextInt(damaged.length - AvroCodec.PREFIX_BYTES)] =
          (byte) random.nextInt();
      try {
        MessageView view = MessageView.of(Codecs.MESSAGE, damaged);
        assertThat(view.payload().remaining()).isLessThan(damaged.length);
        assertThat(view.userProperties()).hasSizeLessThan(damaged.length);
      } catch (MalformedRecordException e) {
        assertThat(e).isNotNull();
      }
    }
  }

  @Test
  void shouldReadWhatWasWrittenInAnotherSchema() throws IOException {
    // Given the fields in another order, as no schema of ours has them
    Schema ours = SpecificData.get().getSchema(Message.class);
    List<Schema.Field> reversed = new ArrayList<>();
    ours.getFields()
        .reversed()
        .forEach(field -> reversed.add(new Schema.Field(field, field.schema())));
    Schema other =
        Schema.createRecord(ours.getName(), ours.getDoc(), ours.getNamespace(), false, reversed);
    int ownId = Codecs.MESSAGE.schemaId() + 1;
    var codec = new AvroCodec<>(Message.class, ownId, id -> other, null);
    Message message = message();
    byte[] value = Codecs.MESSAGE.encode(message);
    var decoder =
        DecoderFactory.get()
            .binaryDecoder(
                value, AvroCodec.PREFIX_BYTES, value.length - AvroCodec.PREFIX_BYTES, null);
    Object generic = new GenericDatumReader<>(ours, other).read(null, decoder);
    var out = new ByteArrayOutputStream();
    out.write(value, 0, AvroCodec.PREFIX_BYTES);
    var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<>(other).write(generic, encoder);

    MessageView view = MessageView.of(codec, out.toByteArray());

    assertSame(view, message);
  }

  private void assertSame(MessageView view, Message message) {
    assertThat(view.clientId()).as("seed %d", seed).isEqualTo(message.getClientId());
    assertThat(view.publishedAtMillis()).isEqualTo(message.getPublishedAt().toEpochMilli());
    assertThat(view.qos()).isEqualTo(message.getQos());
    assertThat(view.payload()).isEqualTo(message.getPayload());
    assertThat(view.isUtf8Payload()).isEqualTo(message.getUtf8Payload());
    assertThat(view.contentType()).isEqualTo(message.getContentType());
    assertThat(view.responseTopic()).isEqualTo(message.getResponseTopic());
    assertThat(view.correlationData()).isEqualTo(message.getCorrelationData());
    assertThat(view.expiresAtMillis())
        .isEqualTo(
            message.getExpiresAt() == null
                ? MessageView.NEVER
                : message.getExpiresAt().toEpochMilli());
    assertThat(view.userProperties()).isEqualTo(message.getUserProperties());
    assertThat(view.hasProperties())
        .isEqualTo(
            message.getUtf8Payload()
                || message.getContentType() != null
                || message.getResponseTopic() != null
                || message.getCorrelationData() != null
                || message.getExpiresAt() != null
                || !message.getUserProperties().isEmpty());
  }

  private Message message() {
    List<UserProperty> properties = new ArrayList<>();
    for (int i = random.nextInt(4) - 1; i > 0; i--) {
      properties.add(new UserProperty(text(), text()));
    }
    return new Message(
        text(),
        text(),
        text(),
        Instant.ofEpochMilli(random.nextLong() >> random.nextInt(62)),
        random.nextInt(2),
        bytes(),
        random.nextInt(4) == 0,
        maybe(this::text),
        maybe(this::text),
        maybe(this::bytes),
        maybe(() -> Instant.ofEpochMilli(random.nextLong() >> 20)),
        properties);
  }

  private <T> @Nullable T maybe(Supplier<T> value) {
    return random.nextInt(3) == 0 ? value.get() : null;
  }

  private String text() {
    String alphabet = "a/9 é방하나🐎";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(3) * random.nextInt(60); i > 0; i--) {
      int at = random.nextInt(alphabet.codePointCount(0, alphabet.length()));
      text.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(0, at)));
    }
    return text.toString();
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(3) * random.nextInt(200)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private static byte[] writtenByAvro(Message message, boolean inBlocks) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(AvroCodec.MAGIC);
    out.writeBytes(ByteBuffer.allocate(4).putInt(Codecs.MESSAGE.schemaId()).array());
    var writer = new SpecificDatumWriter<>(Message.class);
    BinaryEncoder encoder =
        inBlocks
            ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null)
            : EncoderFactory.get().directBinaryEncoder(out, null);
    assertThat(encoder instanceof BlockingBinaryEncoder).isEqualTo(inBlocks);
    writer.write(message, encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
