// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** The page that describes every topic, made from the catalogue and the schemas. */
final class TopicsDocument {

  private static final String INTRODUCTION =
      """
      # Topics

      <!-- Generated; see schemas/README.md. -->

      What Pabal keeps in Kafka. Keys are UTF-8 text. Values are Avro in the Confluent wire format: a zero byte, the schema's id
      as four bytes big-endian, then the record. With `schema.registry.url` the ids are the registry's (subjects
      `<topic>-value`); without, they are fixed and at least 1073741824, so that a topic may hold both.
      [analytics.md](analytics.md) shows how to read them.

      **Times.** The timestamp of a record is the time at which the partition's leader appended it (`message.timestamp.type=LogAppendTime`), so it
      rises with the offset, whatever clock the producer has; retention goes by it. `publishedAt`, `expiresAt`, `at` and `since` are the
      writing process's: it follows the brokers' clock too, within the delay of a request. Records from before a role of this release was
      started have their producers' timestamps, in any order. In `connectors` the key `#clock`, always without a value, is no connector: it is
      how a process reads the brokers' clock.

      **Feeds.** The first levels of an address are its *prefix* (`topics.prefixLevels`, 2 unless configured; 0: the whole address; an
      address with fewer levels is its own prefix): `users/bob` of `users/bob`, `rooms/42` of `rooms/42/typing`. All messages of a prefix are
      one feed: they lie in one partition of `messages`, in one order. The key of a record is the whole address. Its partition is the one that
      Kafka's default partitioner for Java gives the **prefix** as the key (murmur2 of the UTF-8 bytes, the sign bit cleared, modulo the number
      of partitions). A producer of your own must choose the partition so, and set it explicitly when an address has more levels than the
      prefix. A message in another partition reaches nobody: router and timeline writer count it (`malformed` in their metrics) and log its
      place, and `pabal topics check` finds it among the newest records. A consumer that needs the order of one address finds it within the
      partition; a consumer that groups by key gets addresses, not feeds.

      """;

  private static final String DELIVERIES =
      """
      What the router sends to one connector: messages for its sessions, answers to its locations, and evictions of sessions
      that were claimed elsewhere. Working data: a connector reads it from the end at which it starts. Values are the bytes of
      the record in `messages`, untouched, or null, and so are the headers of a message that is [traced](tracing.md). What a
      record is stands in its header `%s`, big-endian:

      """
          .formatted(DeliveryHeader.NAME);

  private static final String FIXED_PARTITIONS =
      """
      The key `#messages` is no connector's: its record keeps how `messages` was created, in the header
      `partitions` (Kafka's id of the topic, the number, and the prefix levels, with spaces), because both are fixed for life.

      """;

  private static final Map<String, String> HEADER_FIELDS =
      Map.of(
          "partition", "the partition of `messages` that this is about",
          "offset", "its offset there",
          "head", "every later message of the feed is pushed",
          "incarnation", "the connector's incarnation that this is meant for",
          "activation", "the activation of the feed that this belongs to",
          "epoch", "the epoch of the new claim");

  private final StringBuilder text = new StringBuilder(INTRODUCTION);

  private TopicsDocument() {}

  static String generate() {
    TopicsDocument document = new TopicsDocument();
    TopicCatalogue catalogue = TopicCatalogue.defaults();
    for (Topic topic : catalogue.shared()) {
      RecordType type =
          Arrays.stream(RecordType.values())
              .filter(each -> each.topic().equals(topic.name()))
              .findFirst()
              .orElseThrow();
      document.shared(topic, type);
    }
    document.deliveries(TopicCatalogue.deliveries("<connector id>", 1));
    return document.text.toString();
  }

  private void shared(Topic topic, RecordType type) {
    Schema schema = SchemaFiles.current(type);
    heading(topic);
    text.append(schema.getDoc()).append("\n\n");
    if (topic.name().equals(TopicCatalogue.CONNECTORS)) {
      text.append(FIXED_PARTITIONS);
    }
    facts(topic);
    line(
        "Schema",
        "[%s](../schemas/src/main/avro/%s.avsc), fixed id %d"
            .formatted(schema.getFullName(), type.recordName(), SchemaIds.fixed(schema)));
    records(schema);
  }

  private void deliveries(Topic topic) {
    heading(topic);
    text.append(DELIVERIES);
    text.append("| kind | value | header after the kind's byte |\n|---|---|---|\n");
    header("message", "of the message", (char) Routed.KIND, Routed.class);
    header("activated", "null; the key is the prefix", (char) Activated.KIND, Activated.class);
    header("evict", "null; the key is the client id", (char) Evict.KIND, Evict.class);
    text.append('\n');
    facts(topic);
  }

  private void heading(Topic topic) {
    text.append("## `").append(topic.name()).append("`\n\n");
  }

  private void facts(Topic topic) {
    text.append("| | |\n|---|---|\n");
    line("Key", topic.key());
    line("Partitions", partitions(topic));
    line("Kept", kept(topic));
  }

  private static String partitions(Topic topic) {
    return switch (topic.name()) {
      case TopicCatalogue.MESSAGES, TopicCatalogue.LOCATIONS ->
          topic.partitions() + " (`topics.partitions`), fixed for life";
      case TopicCatalogue.CONNECTORS -> "1";
      default ->
          topic.name().startsWith(TopicCatalogue.DELIVERIES_PREFIX)
              ? topic.partitions() + " (`topics.deliveryPartitions`)"
              : topic.partitions() + " (`topics.partitions`)";
    };
  }

  private static String kept(Topic topic) {
    String time = duration(topic.retention());
    return switch (topic.cleanup()) {
      case COMPACT -> "compacted: the newest record of each key; tombstones for " + time;
      case DELETE ->
          topic.name().equals(TopicCatalogue.MESSAGES)
              ? time + " (`topics.messageRetentionHours`), then deleted"
              : time + ", then deleted";
    };
  }

  private static String duration(Duration duration) {
    return duration.toDays() > 0
        ? duration.toDays() + (duration.toDays() == 1 ? " day" : " days")
        : duration.toHours() + (duration.toHours() == 1 ? " hour" : " hours");
  }

  private void line(String name, String value) {
    text.append("| ").append(name).append(" | ").append(value).append(" |\n");
  }

  /** The fields of a record and, below it, those of the records within. */
  private void records(Schema root) {
    Map<String, Schema> done = new LinkedHashMap<>();
    Deque<Schema> waiting = new ArrayDeque<>();
    waiting.add(root);
    while (!waiting.isEmpty()) {
      Schema schema = waiting.remove();
      if (done.putIfAbsent(schema.getFullName(), schema) != null) {
        continue;
      }
      if (!schema.equals(root)) {
        text.append("\n`")
            .append(schema.getName())
            .append("`: ")
            .append(schema.getDoc())
            .append("\n");
      }
      if (schema.getType() == Schema.Type.RECORD) {
        fields(schema, waiting);
      }
    }
    text.append('\n');
  }

  private void fields(Schema schema, Deque<Schema> waiting) {
    text.append("\n| field | type | default | |\n|---|---|---|---|\n");
    for (Schema.Field field : schema.getFields()) {
      text.append(
          "| `%s` | %s | %s | %s |%n"
              .formatted(
                  field.name(),
                  type(field.schema(), waiting),
                  fallback(field.defaultVal()),
                  field.doc()));
    }
  }

  private static String fallback(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    if (value.equals(JsonProperties.NULL_VALUE)) {
      return "null";
    }
    return value instanceof String string ? '"' + string + '"' : value.toString();
  }

  private static String type(Schema schema, Deque<Schema> waiting) {
    return switch (schema.getType()) {
      case RECORD, ENUM -> {
        waiting.add(schema);
        yield '`' + schema.getName() + '`';
      }
      case ARRAY -> "array of " + type(schema.getElementType(), waiting);
      case UNION ->
          String.join(" or ", schema.getTypes().stream().map(each -> type(each, waiting)).toList());
      default ->
          schema.getLogicalType() == null
              ? schema.getType().getName()
              : schema.getType().getName() + ", " + schema.getLogicalType().getName();
    };
  }

  private void header(String kind, String value, char letter, Class<? extends Record> type) {
    StringBuilder layout = new StringBuilder();
    for (RecordComponent component : type.getRecordComponents()) {
      String doc = HEADER_FIELDS.get(component.getName());
      if (doc == null) {
        throw new IllegalStateException("header field without a doc: " + component);
      }
      int bytes = component.getType() == int.class ? Integer.BYTES : Long.BYTES;
      layout.append(
          "%s%s (%d bytes): %s"
              .formatted(layout.isEmpty() ? "" : "; ", component.getName(), bytes, doc));
    }
    text.append("| `%c` %s | %s | %s |%n".formatted(letter, kind, value, layout));
  }
}
