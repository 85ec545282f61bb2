// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import io.pabal.schemas.topic.TopicCatalogue;

/** The error texts for operators about a wrong number of partitions. */
final class PartitionsAdvice {

  private static final String ELSEWHERE =
      "set up an empty Kafka cluster and an empty Redis, where both may be any number,"
          + " and move the clients there (docs/operations.md, More partitions)";

  private PartitionsAdvice() {}

  /** The text for a topic to which somebody has added partitions. */
  static String grown(String topic, int count, int original) {
    String what =
        "topic %s: %d partitions (expected: %d, which %s was created with). Somebody has added partitions, and Kafka cannot take them away. "
            .formatted(topic, count, original, TopicCatalogue.MESSAGES);
    return what
        + switch (topic) {
          case TopicCatalogue.MESSAGES ->
              "The partition of every address and every position depend on the number, so messages would be lost, also with topics.partitions: %d. Leave topics.partitions as it is; %s."
                  .formatted(count, ELSEWHERE);
          case TopicCatalogue.LOCATIONS ->
              anew(topic, "its records are written again when the connectors start");
          case TopicCatalogue.SESSIONS ->
              anew(
                  topic,
                  "what pabal rebuild would bring back after a loss of Redis's data goes with it");
          default -> anew(topic, "its references go with it");
        };
  }

  /**
   * The text for a configured number that is not the number of the topics.
   *
   * @param certain whether it is certain that the topics were created with their present number
   */
  static String configured(int original, int configured, boolean certain) {
    return "topic %1$s: %2$d partitions (expected: %3$d, which topics.partitions says). The number is fixed for life because positions depend on it: set topics.partitions (pabal up: --partitions) to %2$d%4$s, or %5$s."
        .formatted(
            TopicCatalogue.MESSAGES,
            original,
            configured,
            certain || configured > original
                ? ""
                : " unless somebody has added partitions since Pabal first ran with " + configured,
            ELSEWHERE);
  }

  /** The text for configured prefix levels that are not those of the topics. */
  static String prefixLevels(int original, int configured) {
    return "topics.prefixLevels: %2$d (expected: %1$d, which %3$s was created with). The partition of every address depends on it, so it is fixed for life: set topics.prefixLevels (pabal up: --prefix-levels) to %1$d, or %4$s."
        .formatted(original, configured, TopicCatalogue.MESSAGES, ELSEWHERE);
  }

  private static String anew(String topic, String consequence) {
    return "Stop the connectors and routers, delete the topic (kafka-topics.sh --delete --topic %s) and start them: they create it anew; %s."
        .formatted(topic, consequence);
  }
}
