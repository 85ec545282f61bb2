// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AvroCodecTest {

  @Test
  void shouldReadWhatItWrote() {
    Message message = message("hello");

    Message read = Codecs.MESSAGE.decode(Codecs.MESSAGE.encode(message));

    assertThat(read).isEqualTo(message);
  }

  @Test
  void shouldWriteTheConfluentWireFormat() {
    byte[] bytes = Codecs.MESSAGE.encode(message("hello"));

    assertThat(bytes[0]).isEqualTo((byte) 0);
    assertThat(ByteBuffer.wrap(bytes).getInt(1)).isEqualTo(Codecs.MESSAGE.schemaId());
  }

  @Test
  void shouldEncodeValuesLargerThanTheKeptBuffer() {
    Message large = message("x".repeat(200_000));
    Message small = message("y");

    byte[] encodedLarge = Codecs.MESSAGE.encode(large);
    byte[] encodedSmall = Codecs.MESSAGE.encode(small);

    assertThat(Codecs.MESSAGE.decode(encodedLarge)).isEqualTo(large);
    assertThat(Codecs.MESSAGE.decode(encodedSmall)).isEqualTo(small);
  }

  @Test
  void shouldReadEveryKindOfRecord() {
    SessionEvent event =
        SessionEvent.newBuilder()
            .setKind(SessionEventKind.GAP)
            .setAt(Instant.ofEpochMilli(1))
            .setClientId("c")
            .setEpoch(7)
            .setConnectorId("c1")
            .setIncarnation(3)
            .setSubscriptions(List.of(new SubscriptionState("users/bob", 1, 3, 42L)))
            .setGapFrom(5L)
            .build();
    ConnectorState state =
        new ConnectorState(3L, ConnectorStatus.DRAINING, "h", 1883, Instant.ofEpochMilli(9));
    Location location = new Location("c1", 3L, 4L, true);
    Unrouted unrouted = new Unrouted(1, 2L, Instant.ofEpochMilli(3));

    assertThat(Codecs.SESSION_EVENT.decode(Codecs.SESSION_EVENT.encode(event))).isEqualTo(event);
    assertThat(Codecs.CONNECTOR_STATE.decode(Codecs.CONNECTOR_STATE.encode(state)))
        .isEqualTo(state);
    assertThat(Codecs.LOCATION.decode(Codecs.LOCATION.encode(location))).isEqualTo(location);
    assertThat(Codecs.UNROUTED.decode(Codecs.UNROUTED.encode(unrouted))).isEqualTo(unrouted);
  }

  @Test
  void shouldRefuseWhatIsNotTheWireFormat() {
    assertThatThrownBy(() -> Codecs.MESSAGE.decode("plain text".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("Confluent wire format");
  }

  @Test
  void shouldRefuseARecordWithoutValue() {
    assertThatThrownBy(() -> Codecs.MESSAGE.decode(null))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("without a value");
  }

  @Test
  void shouldRefuseAnotherSchemaId() {
    byte[] location = Codecs.LOCATION.encode(new Location("c1", 1L, 1L, true));

    assertThatThrownBy(() -> Codecs.MESSAGE.decode(location))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("is of io.pabal.schemas.Location");
  }

  @Test
  void shouldSayThatAnIdIsOfARegistry() {
    byte[] bytes = Codecs.MESSAGE.encode(message("hello"));
    ByteBuffer.wrap(bytes).putInt(1, 7);

    assertThatThrownBy(() -> Codecs.MESSAGE.decode(bytes))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("schema id 7")
        .hasMessageContaining("set schema.registry.url");
  }

  @Test
  void shouldRefuseTruncatedBytes() {
    byte[] bytes = Codecs.MESSAGE.encode(message("hello"));

    for (int length = 0; length < bytes.length; length++) {
      byte[] truncated = java.util.Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> Codecs.MESSAGE.decode(truncated))
          .isInstanceOf(MalformedRecordException.class);
    }
  }

  private static Message message(String text) {
    return Message.newBuilder()
        .setAddress("users/bob")
        .setPublishedAt(Instant.ofEpochMilli(1_790_000_000_123L))
        .setPayload(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
        .setContentType("text/plain")
        .setUserProperties(List.of(new UserProperty("a", "1"), new UserProperty("a", "2")))
        .build();
  }
}
