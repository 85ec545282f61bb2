// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.FixedSchemas;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ServerReferencesTest {

  private static final int UNKNOWN_ID = 7;

  /** The registry's schema of {@link #UNKNOWN_ID}; null: the registry never answers. */
  private volatile @Nullable Schema answered;

  private final ServerReferences references =
      new ServerReferences(
          "c1",
          null,
          new Codecs(
              Codecs.FIXED.message(),
              Codecs.FIXED.location(),
              new AvroCodec<>(
                  ConnectorState.class, Codecs.CONNECTOR_STATE.schemaId(), this::schema, null),
              Codecs.FIXED.sessionEvent(),
              Codecs.FIXED.unrouted()));

  @Test
  @Timeout(60)
  void shouldNotWaitForTheSchemaWhenAConnectorChanges() {
    // If each call waited two seconds for the schema, this loop would take half an hour.
    for (int i = 0; i < 1_000; i++) {
      references.connectorChanged("c2", underUnknownId(up("two", 1883)));
    }

    assertThat(references.next()).isNull();
  }

  @Test
  void shouldReferToAConnectorWhenItsSchemaIsKnown() {
    references.connectorChanged("c2", underUnknownId(up("two", 1883)));

    answered = ConnectorState.getClassSchema();

    assertThat(references.next()).isEqualTo("two:1883");
  }

  @Test
  void shouldNotReferToTheOldAddressWhileTheNewestRecordCannotBeDecoded() {
    references.connectorChanged("c2", Codecs.CONNECTOR_STATE.encode(up("old", 1883)));
    references.connectorChanged("c2", underUnknownId(up("new", 1883)));
    assertThat(references.next()).isNull();

    answered = ConnectorState.getClassSchema();

    assertThat(references.next()).isEqualTo("new:1883");
  }

  @Test
  void shouldForgetAPendingRecordWhenANewerOneIsDecoded() {
    references.connectorChanged("c2", underUnknownId(up("old", 1883)));
    references.connectorChanged("c2", Codecs.CONNECTOR_STATE.encode(up("new", 1883)));

    answered = ConnectorState.getClassSchema();

    assertThat(references.next()).isEqualTo("new:1883");
  }

  @Test
  void shouldForgetAPendingRecordWhenTheConnectorIsRemoved() {
    references.connectorChanged("c2", underUnknownId(up("two", 1883)));
    references.connectorChanged("c2", null);

    answered = ConnectorState.getClassSchema();

    assertThat(references.next()).isNull();
  }

  @Test
  void shouldSkipAMalformedRecord() {
    assertThatThrownBy(() -> references.connectorChanged("c2", new byte[] {1, 2, 3}))
        .isInstanceOf(MalformedRecordException.class);
    references.connectorChanged("c3", underUnknownId(up("three", 1883)));
    references.connectorChanged("c4", new byte[] {AvroCodec.MAGIC, 0, 0, 0, UNKNOWN_ID, 1});

    answered = ConnectorState.getClassSchema();

    assertThat(references.next()).isEqualTo("three:1883");
  }

  private Schema schema(int id) {
    if (id != UNKNOWN_ID) {
      return FixedSchemas.INSTANCE.get(id);
    }
    Schema schema = answered;
    if (schema == null) {
      throw new SchemaPendingException("asking", new CompletableFuture<>());
    }
    return schema;
  }

  private static ConnectorState up(String host, int port) {
    return new ConnectorState(1L, ConnectorStatus.UP, host, port, Instant.EPOCH);
  }

  private static byte[] underUnknownId(ConnectorState state) {
    byte[] bytes = Codecs.CONNECTOR_STATE.encode(state);
    ByteBuffer.wrap(bytes).putInt(1, UNKNOWN_ID);
    return bytes;
  }
}
