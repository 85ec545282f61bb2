// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.NullMarked;

/**
 * The codec of each topic's values. The keys of all topics are plain UTF-8.
 *
 * @param message a published message, in {@code messages} and in deliveries topics
 * @param location whether a connector has live sessions of an address
 * @param connectorState the state of a connector
 * @param sessionEvent an event in the life of a session
 * @param unrouted a reference to a message without a live subscriber
 */
@NullMarked
public record Codecs(
    AvroCodec<Message> message,
    AvroCodec<Location> location,
    AvroCodec<ConnectorState> connectorState,
    AvroCodec<SessionEvent> sessionEvent,
    AvroCodec<Unrouted> unrouted) {

  /** The codecs that are used without a registry. */
  public static final Codecs FIXED =
      of(
          new Source() {
            @Override
            public <T extends SpecificRecordBase> AvroCodec<T> codec(RecordType type, Class<T> of) {
              int id = SchemaIds.fixed(SpecificData.get().getSchema(of));
              return new AvroCodec<>(of, id, FixedSchemas.INSTANCE, null);
            }
          });

  /** {@link Message} under its fixed id. */
  public static final AvroCodec<Message> MESSAGE = FIXED.message;

  /** {@link Location} under its fixed id. */
  public static final AvroCodec<Location> LOCATION = FIXED.location;

  /** {@link ConnectorState} under its fixed id. */
  public static final AvroCodec<ConnectorState> CONNECTOR_STATE = FIXED.connectorState;

  /** {@link SessionEvent} under its fixed id. */
  public static final AvroCodec<SessionEvent> SESSION_EVENT = FIXED.sessionEvent;

  /** {@link Unrouted} under its fixed id. */
  public static final AvroCodec<Unrouted> UNROUTED = FIXED.unrouted;

  /** A factory of codecs. */
  public interface Source {
    /** The codec of the values of {@code type}. */
    <T extends SpecificRecordBase> AvroCodec<T> codec(RecordType type, Class<T> of);
  }

  /** The codecs that {@code source} makes. */
  public static Codecs of(Source source) {
    return new Codecs(
        source.codec(RecordType.MESSAGE, Message.class),
        source.codec(RecordType.LOCATION, Location.class),
        source.codec(RecordType.CONNECTOR_STATE, ConnectorState.class),
        source.codec(RecordType.SESSION_EVENT, SessionEvent.class),
        source.codec(RecordType.UNROUTED, Unrouted.class));
  }
}
