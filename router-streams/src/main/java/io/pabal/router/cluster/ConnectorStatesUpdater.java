// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.SkippedRecords;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Fills the global table from {@code connectors}. A record that is not a connector's state is
 * logged, counted and skipped. A record whose schema is still being looked up is stored unchecked,
 * and {@link ConnectorStates} decodes it later. Runs on the global thread.
 */
public final class ConnectorStatesUpdater extends ContextualProcessor<byte[], byte[], Void, Void> {

  private final AvroCodec<ConnectorState> codec;
  private final SkippedRecords skipped;

  public ConnectorStatesUpdater(AvroCodec<ConnectorState> codec, SkippedRecords skipped) {
    this.codec = codec;
    this.skipped = skipped;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    KeyValueStore<Bytes, byte[]> store = context().getStateStore(ConnectorStates.STORE);
    if (record.key() == null) {
      skip("no key");
    } else if (record.value() == null) {
      store.delete(Bytes.wrap(record.key()));
    } else {
      try {
        codec.decode(record.value());
        store.put(Bytes.wrap(record.key()), record.value());
      } catch (SchemaPendingException e) {
        store.put(Bytes.wrap(record.key()), record.value());
      } catch (MalformedRecordException e) {
        skip(e.getMessage());
      }
    }
  }

  private void skip(@Nullable String reason) {
    skipped.add(RecordPlace.of(context()), reason);
  }
}
