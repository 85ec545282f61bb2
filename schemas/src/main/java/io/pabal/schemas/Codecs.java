// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/** The codec of each topic's values. The keys of all topics are plain UTF-8. */
@NullMarked
public final class Codecs {
  /** Values of {@code messages} and of the messages in {@code deliveries.*}. */
  public static final AvroCodec<Message> MESSAGE =
      new AvroCodec<>(Message.class, SchemaIds.MESSAGE);

  /** Values of {@code locations}. */
  public static final AvroCodec<Location> LOCATION =
      new AvroCodec<>(Location.class, SchemaIds.LOCATION);

  /** Values of {@code connectors}. */
  public static final AvroCodec<ConnectorState> CONNECTOR_STATE =
      new AvroCodec<>(ConnectorState.class, SchemaIds.CONNECTOR_STATE);

  /** Values of {@code sessions}. */
  public static final AvroCodec<SessionEvent> SESSION_EVENT =
      new AvroCodec<>(SessionEvent.class, SchemaIds.SESSION_EVENT);

  /** Values of {@code unrouted}. */
  public static final AvroCodec<Unrouted> UNROUTED =
      new AvroCodec<>(Unrouted.class, SchemaIds.UNROUTED);

  private Codecs() {}
}
