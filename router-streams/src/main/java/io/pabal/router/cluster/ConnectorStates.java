// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.router.table.LocationEntry;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes dead incarnations from live ones by the global table of {@code connectors}.
 *
 * <p>An incarnation is dead when it is lower than the table's, or when it is equal and the table's
 * status is DOWN. Every other incarnation is alive. The global table is filled by a thread of its
 * own and may lag, so an incarnation above the table's, or a connector that the table does not have
 * yet, is merely ahead of the table. A connector that was retired (tombstoned) is not in the table
 * either. Its topic is deleted, so {@link DeliveryTopics#exists} identifies it.
 *
 * <p>A state whose schema is still being looked up counts as unknown and is decoded again at the
 * next call. No thread waits for the schema: treating a dead incarnation as alive costs records,
 * but loses none.
 *
 * <p>Used by its task's stream thread only. Decoded states are cached for as long as the table
 * holds the same bytes.
 */
public final class ConnectorStates {

  /** The name of the global store. */
  public static final String STORE = "connector-states";

  private static final int CACHED_MAX = 10_000;

  private final ReadOnlyKeyValueStore<Bytes, byte[]> store;
  private final AvroCodec<ConnectorState> codec;
  private final Map<String, Cached> cache = new HashMap<>();

  public ConnectorStates(
      ReadOnlyKeyValueStore<Bytes, byte[]> store, AvroCodec<ConnectorState> codec) {
    this.store = store;
    this.codec = codec;
  }

  /** Whether the table says that the incarnation of {@code entry} has ended. */
  public boolean isDead(LocationEntry entry) {
    ConnectorState state = stateOf(entry.connectorId());
    if (state == null || entry.incarnation() > state.getIncarnation()) {
      return false;
    }
    return entry.incarnation() < state.getIncarnation()
        || state.getStatus() == ConnectorStatus.DOWN;
  }

  @SuppressWarnings("ReferenceEquality") // the store hands out the array that was put
  private @Nullable ConnectorState stateOf(String connectorId) {
    Cached cached = cache.get(connectorId);
    Bytes key = cached != null ? cached.key : Bytes.wrap(connectorId.getBytes(UTF_8));
    byte[] bytes = store.get(key);
    if (cached == null || cached.bytes != bytes) {
      try {
        cached = new Cached(key, bytes, decode(bytes));
      } catch (SchemaPendingException e) {
        return null;
      }
      if (cache.size() >= CACHED_MAX) {
        cache.clear();
      }
      cache.put(connectorId, cached);
    }
    return cached.state;
  }

  /** The state; null, as for a connector that the table does not have, when it is malformed. */
  private @Nullable ConnectorState decode(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : codec.decode(bytes);
    } catch (MalformedRecordException e) {
      return null;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by identity
  private record Cached(Bytes key, byte @Nullable [] bytes, @Nullable ConnectorState state) {}
}
