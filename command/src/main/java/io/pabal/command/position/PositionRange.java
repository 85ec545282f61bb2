// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.position.Position.Ago;
import io.pabal.command.position.Position.At;
import io.pabal.command.position.Position.End;
import io.pabal.command.position.Position.Start;
import io.pabal.command.position.Position.Time;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * The records between two positions of a topic: {@code from} is included, {@code to} is not. When
 * one of the positions names a partition, the range covers that partition only.
 *
 * <p>Times are compared with the timestamps of the records. Timestamps that producers set need not
 * rise with the offsets. A range therefore holds every record whose timestamp lies within the
 * range, and may hold records with other timestamps in between. The range begins at the first
 * record that is not older than {@code from}, and ends behind the last record that is older than
 * {@code to}.
 */
public record PositionRange(Position from, Position to) {

  /**
   * The spans of {@code topic} that this range covers now. There is one span for each partition of
   * the range, also for a partition where the range is empty. An {@link Ago} counts back from the
   * time of {@code clock}.
   *
   * @throws io.pabal.command.NotFoundException when there is no such topic
   * @throws UsageException when the range names a partition or an offset that the topic does not
   *     hold, or runs backwards
   */
  public List<Span> resolve(Cluster cluster, String topic, Clock clock) {
    checkPartitions();
    Instant now = clock.instant();
    checkTimes(now);
    int count = cluster.describe(topic).partitions().size();
    List<TopicPartition> partitions = partitions(topic, count);
    Map<TopicPartition, Long> earliest = offsets(cluster, partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> latest = offsets(cluster, partitions, OffsetSpec.latest());
    var resolver = new Resolver(cluster, partitions, earliest, latest, now);
    Map<TopicPartition, Long> first = resolver.resolve("--from", from);
    Map<TopicPartition, Long> behind =
        to.instant(now)
            .map(
                instant ->
                    TimeBound.behindLastBefore(instant, cluster, resolver.at(instant), latest))
            .orElseGet(() -> resolver.resolve("--to", to));
    return partitions.stream()
        .map(
            partition ->
                span(
                    partition,
                    Objects.requireNonNull(first.get(partition)),
                    Objects.requireNonNull(behind.get(partition))))
        .toList();
  }

  private Span span(TopicPartition partition, long first, long behind) {
    if (first > behind) {
      if (isTime(from) || isTime(to)) {
        return new Span(partition, first, first);
      }
      throw backwards();
    }
    return new Span(partition, first, behind);
  }

  /** Where timestamps do not rise with the offsets, a range of times may be empty. */
  private static boolean isTime(Position position) {
    return position instanceof Time || position instanceof Ago;
  }

  private void checkPartitions() {
    if (from instanceof At(int left, long _)
        && to instanceof At(int right, long _)
        && left != right) {
      throw new UsageException(
          "--to: %s (expected: the partition of --from %s). Name one partition, or give times."
              .formatted(to, from));
    }
  }

  private void checkTimes(Instant now) {
    Optional<Instant> begin = from.instant(now);
    Optional<Instant> end = to.instant(now);
    if (begin.isPresent() && end.isPresent() && begin.get().isAfter(end.get())) {
      throw backwards();
    }
  }

  private UsageException backwards() {
    return new UsageException(
        "--from: %s lies behind --to %s (expected: a range that runs forward). Exchange them."
            .formatted(from, to));
  }

  private List<TopicPartition> partitions(String topic, int count) {
    Optional<At> named =
        from instanceof At at
            ? Optional.of(at)
            : to instanceof At at ? Optional.of(at) : Optional.empty();
    if (named.isEmpty()) {
      return IntStream.range(0, count)
          .mapToObj(number -> new TopicPartition(topic, number))
          .toList();
    }
    int number = named.get().partition();
    if (number >= count) {
      throw new UsageException(
          "%s: topic %s has no partition %d (expected: 0-%d)."
              .formatted(named.get(), topic, number, count - 1));
    }
    return List.of(new TopicPartition(topic, number));
  }

  private static Map<TopicPartition, Long> offsets(
      Cluster cluster, List<TopicPartition> partitions, OffsetSpec spec) {
    var specs = partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> spec));
    Map<TopicPartition, ListOffsetsResultInfo> found =
        cluster.get(cluster.admin().listOffsets(specs).all());
    return found.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private record Resolver(
      Cluster cluster,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> earliest,
      Map<TopicPartition, Long> latest,
      Instant now) {

    Map<TopicPartition, Long> resolve(String flag, Position position) {
      return switch (position) {
        case Start() -> earliest;
        case End() -> latest;
        case At at -> Map.of(partitions.getFirst(), held(flag, at));
        case Time _, Ago _ -> at(position.instant(now).orElseThrow());
      };
    }

    private long held(String flag, At at) {
      long first = Objects.requireNonNull(earliest.get(partitions.getFirst()));
      long behind = Objects.requireNonNull(latest.get(partitions.getFirst()));
      if (at.offset() < first || at.offset() > behind) {
        throw new UsageException(
            "%s: %s is not held (expected: %d:%d to %d:%d, which %s holds now)."
                .formatted(
                    flag,
                    at,
                    at.partition(),
                    first,
                    at.partition(),
                    behind,
                    partitions.getFirst().topic()));
      }
      return at.offset();
    }

    /**
     * For each partition, the first record that is not older than {@code instant}; the end of the
     * partition when every record is older.
     */
    private Map<TopicPartition, Long> at(Instant instant) {
      Map<TopicPartition, Long> found =
          offsets(
              cluster, partitions, OffsetSpec.forTimestamp(Math.max(0, instant.toEpochMilli())));
      return partitions.stream()
          .collect(
              Collectors.toMap(
                  Function.identity(),
                  partition -> {
                    long offset = Objects.requireNonNull(found.get(partition));
                    return offset < 0 ? Objects.requireNonNull(latest.get(partition)) : offset;
                  }));
    }
  }
}
