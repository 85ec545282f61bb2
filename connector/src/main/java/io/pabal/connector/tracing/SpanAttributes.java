// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import io.opentelemetry.api.common.AttributeKey;

/**
 * The names of span attributes, after OpenTelemetry's semantic conventions for messaging and for
 * Kafka as of {@link #SCHEMA_URL}. The conventions are not stable yet. So the names are defined
 * here, not taken from a library that renames them.
 */
final class SpanAttributes {

  static final String SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0";

  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  static final AttributeKey<String> OPERATION_NAME =
      AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  static final AttributeKey<String> KEY = AttributeKey.stringKey("messaging.kafka.message.key");
  static final AttributeKey<Long> BODY_BYTES = AttributeKey.longKey("messaging.message.body.size");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  /** The message's position in {@code messages}, {@code <partition>:<offset>}. */
  static final AttributeKey<String> POSITION = AttributeKey.stringKey("pabal.position");

  /** Sessions of this connector that are subscribed to the address. */
  static final AttributeKey<Long> SESSIONS = AttributeKey.longKey("pabal.sessions");

  private SpanAttributes() {}
}
