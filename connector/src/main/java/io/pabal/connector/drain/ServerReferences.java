// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.drain;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.address.HostAndPort;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Server References for clients that should use another server (MQTT 5, 4.11: host, colon,
 * port; several are separated by spaces). This is the configured reference. Without one, these are
 * the other connectors that are up according to the {@code connectors} topic: each client receives
 * the next one, so that the connectors share the load.
 *
 * <p>A reference is only a hint. A connector that crashed stays up in the topic until it is started
 * again. A client that cannot reach the referenced server uses the servers that it knows. Any
 * thread.
 */
public final class ServerReferences {

  /** Addresses that a server can bind to, but that no client can connect to. */
  private static final Set<String> WILDCARDS =
      Set.of("", "0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0");

  private static final Logger log = LoggerFactory.getLogger(ServerReferences.class);

  private static final int PENDING_MAX = 1_000;

  private final String connectorId;
  private final @Nullable String configured;
  private final AvroCodec<ConnectorState> codec;
  private final ConcurrentSkipListMap<String, String> othersUp = new ConcurrentSkipListMap<>();

  /** The newest record of each connector whose schema was not known yet. */
  private final ConcurrentHashMap<String, byte[]> pending = new ConcurrentHashMap<>();

  private final AtomicReference<String> last = new AtomicReference<>("");

  /**
   * The references that connector {@code connectorId} gives; its own address is not one of them.
   *
   * @param configured the Server Reference that all clients receive; null: the connectors in the
   *     topic
   */
  public ServerReferences(String connectorId, @Nullable String configured, Codecs codecs) {
    this.connectorId = connectorId;
    this.configured = configured;
    this.codec = codecs.connectorState();
  }

  /**
   * Applies a record of the {@code connectors} topic. Never blocks: a record whose schema is being
   * looked up is decoded later, and until then no client is referred to its connector.
   *
   * @param value null for a tombstone
   * @throws MalformedRecordException when the value cannot be decoded
   */
  public void connectorChanged(String id, byte @Nullable [] value) {
    if (id.equals(connectorId)) {
      return;
    }
    if (value == null) {
      pending.remove(id);
      othersUp.remove(id);
      return;
    }
    // No client is referred to a connector beyond the limit: references are hints, and memory is
    // bounded.
    if (pending.size() < PENDING_MAX || pending.containsKey(id)) {
      pending.put(id, value);
      decode(id, value);
    }
  }

  /** The reference for the next client; null when none is known. */
  @Nullable String next() {
    if (configured != null) {
      return configured;
    }
    if (!pending.isEmpty()) {
      decodePending();
    }
    String id =
        last.updateAndGet(
            before -> {
              String after = othersUp.higherKey(before);
              return after != null ? after : othersUp.isEmpty() ? "" : othersUp.firstKey();
            });
    return othersUp.get(id);
  }

  private void decode(String id, byte[] value) {
    ConnectorState state;
    try {
      state = codec.decode(value);
    } catch (SchemaPendingException e) {
      othersUp.remove(id);
      return;
    } catch (MalformedRecordException e) {
      pending.remove(id, value);
      throw e;
    }
    // A newer record may have arrived while this one was decoded: the newer one decides.
    if (!pending.remove(id, value)) {
      return;
    }
    if (state.getStatus() != ConnectorStatus.UP
        || WILDCARDS.contains(state.getHost())
        || state.getPort() == 0) {
      othersUp.remove(id);
    } else {
      othersUp.put(id, HostAndPort.text(state.getHost(), state.getPort()));
    }
  }

  private void decodePending() {
    pending.forEach(
        (id, value) -> {
          try {
            decode(id, value);
          } catch (MalformedRecordException e) {
            log.warn(
                "record skipped topic=connectors connector={} reason=\"{}\"", id, e.getMessage());
          }
        });
  }
}
