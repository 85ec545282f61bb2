// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import io.pabal.command.cluster.Cluster;
import io.pabal.command.topics.Finding.Verdict;
import io.pabal.recovery.scan.TopicScan;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.MessageCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Checks that addresses are divided into feeds everywhere in the same way: the configured prefix
 * levels, and the newest {@value #RECORDS_MAX} records of each partition of {@code messages}, which
 * a foreign producer may have written to another partition.
 */
final class FeedsCheck {

  static final long RECORDS_MAX = 1_000;

  private final Cluster cluster;
  private final FixedPartitions fixed;
  private final OptionalInt configuredLevels;
  private long wrong;
  private @Nullable String first;

  /**
   * A check.
   *
   * @param configuredLevels {@code topics.prefixLevels}; empty when it is not configured
   */
  FeedsCheck(Cluster cluster, FixedPartitions fixed, OptionalInt configuredLevels) {
    this.cluster = cluster;
    this.fixed = fixed;
    this.configuredLevels = configuredLevels;
  }

  List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    OptionalInt levels = fixed.prefixLevels();
    if (levels.isEmpty()) {
      return findings; // no connector has recorded them yet
    }
    int configured = configuredLevels.orElse(levels.getAsInt());
    findings.add(
        Finding.of(
            configured == levels.getAsInt(),
            Verdict.FAIL,
            TopicCatalogue.MESSAGES,
            "prefix levels",
            configured,
            Integer.toString(levels.getAsInt()),
            "Set topics.prefixLevels of every role to %d: it is fixed for life."
                .formatted(levels.getAsInt())));
    if (fixed.problem(Optional.empty()).isEmpty()) {
      findings.add(places(new Feeds(fixed.original().orElseThrow(), levels.getAsInt())));
    }
    return findings;
  }

  private Finding places(Feeds feeds) {
    try (var consumer = cluster.newConsumer()) {
      List<TopicPartition> partitions =
          IntStream.range(0, feeds.partitions())
              .mapToObj(each -> new TopicPartition(TopicCatalogue.MESSAGES, each))
              .toList();
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
      var scan = new TopicScan(consumer);
      consumer
          .endOffsets(partitions)
          .forEach(
              (partition, end) ->
                  scan.read(
                      partition,
                      Math.max(beginnings.getOrDefault(partition, 0L), end - RECORDS_MAX),
                      end,
                      record -> {
                        String why = MessageCheck.wrong(record, feeds);
                        if (why != null && wrong++ == 0) {
                          first = partition.partition() + ":" + record.offset() + ": " + why;
                        }
                      },
                      progress -> {}));
    }
    return Finding.of(
        wrong == 0,
        Verdict.WARN,
        TopicCatalogue.MESSAGES,
        "records that are no messages",
        wrong,
        "0",
        "Nobody receives them. Correct their producer (docs/topics.md). The first: " + first);
  }
}
