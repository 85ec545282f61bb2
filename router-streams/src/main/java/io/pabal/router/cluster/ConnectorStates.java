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
 * Tells dead incarnations from live ones by the global table of {@code connectors}.
 *
 * <p>Dead is lower than the table's incarnation, or equal and DOWN. Everything else is alive: the
 * global table is filled by a thread of its own and may lag, so an incarnation above the table's,
 * and a connector that the table does not know, are merely ahead of it. A connector that was
 * retired (tombstoned) is unknown to the table as well; its topic is deleted, and the check of
 * {@link DeliveryTopics} tells it apart.
 *
 * <p>A state whose schema is being looked up tells nothing yet, and is decoded again the next time.
 * Nobody waits for it: taking a dead incarnation for alive costs records, and loses none.
 *
 * <p>Used by its task's stream thread only: decoded states are kept for as long as the table holds
 * the same bytes.
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

  /** What cannot be decoded tells nothing, as if the connector were unknown. */
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
