// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.NullMarked;

/** The type of a topic's values. */
@NullMarked
public enum RecordType {
  /** Values of {@code messages}, and the same bytes in {@code deliveries.*}. */
  MESSAGE(TopicCatalogue.MESSAGES, Message.class),
  /** Values of {@code locations}. */
  LOCATION(TopicCatalogue.LOCATIONS, Location.class),
  /** Values of {@code connectors}. */
  CONNECTOR_STATE(TopicCatalogue.CONNECTORS, ConnectorState.class),
  /** Values of {@code sessions}. */
  SESSION_EVENT(TopicCatalogue.SESSIONS, SessionEvent.class),
  /** Values of {@code unrouted}. */
  UNROUTED(TopicCatalogue.UNROUTED, Unrouted.class);

  private final String topic;
  private final Class<? extends SpecificRecordBase> type;

  RecordType(String topic, Class<? extends SpecificRecordBase> type) {
    this.topic = topic;
    this.type = type;
  }

  /** The topic of values of this type. */
  public String topic() {
    return topic;
  }

  /** The generated class. */
  public Class<? extends SpecificRecordBase> type() {
    return type;
  }

  /** The record's name, without its namespace. */
  public String recordName() {
    return type.getSimpleName();
  }

  /** The subject in a schema registry: topic name strategy. */
  public String subject() {
    return topic + "-value";
  }
}
