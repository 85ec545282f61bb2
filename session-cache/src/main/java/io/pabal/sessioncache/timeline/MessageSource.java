// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kafka side of the timeline writer: reads {@code messages} as one member of the group {@value
 * #GROUP}, and tracks how far Redis has come in each partition. Used by the writer's thread only,
 * except where a method says "any thread".
 */
final class MessageSource implements AutoCloseable {

  static final String GROUP = "pabal-timeline";

  private static final int HEARTBEATS_PER_SESSION_TIMEOUT = 10;

  private static final Logger log = LoggerFactory.getLogger(MessageSource.class);
  private static final int BATCH_MESSAGES_MAX = 1_000;
  private static final int BATCH_BYTES_MAX = 8 << 20;
  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(5);

  private final int sessionTimeoutMillis;
  private final Feeds feeds;
  private final SkippedRecords skipped;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<Integer, PartitionProgress> assigned = new HashMap<>();
  private final Map<Integer, Long> committed = new HashMap<>();
  private final Set<Integer> lost = new HashSet<>();
  private boolean newlyAssigned;

  /** The number of assigned partitions; -1 before the first assignment. */
  private volatile int assignedCount = -1;

  /**
   * Joins the group.
   *
   * @param feeds the division of addresses into feeds
   * @param skipped counts and logs the records that are not messages
   */
  MessageSource(
      String bootstrapServers, Duration sessionTimeout, Feeds feeds, SkippedRecords skipped) {
    this.feeds = feeds;
    this.skipped = skipped;
    sessionTimeoutMillis = (int) sessionTimeout.toMillis();
    consumer = new KafkaConsumer<>(properties(bootstrapServers, sessionTimeoutMillis));
    consumer.subscribe(List.of(TopicCatalogue.MESSAGES), new Rebalance());
  }

  /**
   * The next messages, with the range of offsets that they cover in each partition. Returns as soon
   * as there are messages, and after {@code timeout} without any.
   *
   * @throws WakeupException after {@link #wakeup}
   * @throws IllegalStateException when the brokers refuse the session timeout
   */
  List<TimelineBatch> poll(Duration timeout) {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(timeout);
    } catch (OffsetOutOfRangeException e) {
      return skipDeleted(e.offsetOutOfRangePartitions().keySet());
    } catch (InvalidSessionTimeoutException e) {
      throw new IllegalStateException(
          "timeline.sessionTimeoutMillis: %d (expected: at least the brokers' group.min.session.timeout.ms, which is 6000 unless they are configured otherwise). Raise it, or lower that setting on every broker."
              .formatted(sessionTimeoutMillis),
          e);
    }
    List<TimelineBatch> batches = new ArrayList<>();
    records
        .nextOffsets()
        .forEach(
            (partition, next) ->
                batches.add(batch(partition, records.records(partition), next.offset() - 1)));
    return batches;
  }

  /** Batches without messages that publish the position of every assigned partition again. */
  List<TimelineBatch> positions() {
    return assigned.values().stream().map(MessageSource::position).toList();
  }

  private static TimelineBatch position(PartitionProgress progress) {
    return new TimelineBatch(
        new PartitionRange(
            progress.partition(), progress.top(), progress.top(), progress.ageFloor()));
  }

  /**
   * The partitions that this writer has lost since the last call, even if it has them again: what
   * was read of them before is read again.
   */
  Set<Integer> takeLost() {
    Set<Integer> result = Set.copyOf(lost);
    lost.clear();
    return result;
  }

  /** Reads on in all partitions but these. */
  void pauseOnly(Set<Integer> partitions) {
    Set<TopicPartition> paused = consumer.paused();
    List<TopicPartition> resumed =
        paused.stream().filter(each -> !partitions.contains(each.partition())).toList();
    List<TopicPartition> held =
        partitions.stream()
            .filter(assigned::containsKey)
            .map(MessageSource::topicPartition)
            .filter(each -> !paused.contains(each))
            .toList();
    if (!resumed.isEmpty()) {
      consumer.resume(resumed);
    }
    if (!held.isEmpty()) {
      consumer.pause(held);
    }
  }

  /** Whether partitions were assigned since the last call; their positions are to be published. */
  boolean takeNewlyAssigned() {
    boolean result = newlyAssigned;
    newlyAssigned = false;
    return result;
  }

  /** Notes that Redis has all messages of {@code batch}. */
  void appended(TimelineBatch batch) {
    PartitionProgress progress = assigned.get(batch.range().partition());
    if (progress != null) {
      progress.advance(batch.range().top());
    }
  }

  /** Commits the offsets of the messages that Redis has. Does not block. */
  void commit() {
    Map<TopicPartition, OffsetAndMetadata> offsets = uncommitted(assigned.keySet());
    if (offsets.isEmpty()) {
      return;
    }
    consumer.commitAsync(
        offsets,
        (done, failure) -> {
          if (failure == null) {
            noteCommitted(done);
          } else {
            log.warn("offsets not committed, later ones will be reason={}", failure.getMessage());
          }
        });
  }

  /**
   * Asks Kafka up to which offset messages are older than {@code sinceMillis}, and raises the age
   * floors to this offset. Blocks for 5 s at most.
   *
   * @param sinceMillis milliseconds since 1970, by the brokers' clock
   * @return whether Kafka answered
   */
  boolean refreshAgeFloors(long sinceMillis) {
    Map<TopicPartition, Long> times = new HashMap<>();
    assigned.keySet().forEach(partition -> times.put(topicPartition(partition), sinceMillis));
    try {
      Map<TopicPartition, OffsetAndTimestamp> found =
          consumer.offsetsForTimes(times, BROKER_TIMEOUT);
      for (PartitionProgress progress : assigned.values()) {
        OffsetAndTimestamp firstYoung = found.get(topicPartition(progress.partition()));
        progress.age(firstYoung == null ? progress.top() : firstYoung.offset() - 1);
      }
      return true;
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      log.warn("age of messages unknown, asking again reason={}", e.getMessage());
      return false;
    }
  }

  /** The number of assigned partitions; -1 before the first assignment. Any thread. */
  int assignedCount() {
    return assignedCount;
  }

  /** The metrics of the Kafka consumer. Any thread. */
  Map<MetricName, ? extends Metric> figures() {
    return consumer.metrics();
  }

  /** Interrupts a {@link #poll} in progress, or the next one. Any thread. */
  void wakeup() {
    consumer.wakeup();
  }

  /** Commits the offsets of the messages that Redis has, and leaves the group. */
  @Override
  public void close() {
    consumer.close();
  }

  /**
   * The polled records of a partition. The range ends at {@code through}, which lies beyond the
   * last message when Kafka's own records follow this message. Offsets without a message within the
   * range are such records too, or were compacted. Deleted messages never leave such a hole: they
   * end the poll with an exception, and {@link #skipDeleted} handles it.
   */
  private TimelineBatch batch(
      TopicPartition partition, List<ConsumerRecord<byte[], byte[]>> records, long through) {
    PartitionProgress progress = assigned.get(partition.partition());
    if (progress == null) {
      throw new IllegalStateException("records of a partition that was not assigned: " + partition);
    }
    TimelineBatch batch =
        new TimelineBatch(
            new PartitionRange(
                partition.partition(), progress.top(), through, progress.ageFloor()));
    for (ConsumerRecord<byte[], byte[]> message : records) {
      String wrong = MessageCheck.wrong(message, feeds);
      if (wrong == null) {
        String address = new String(message.key(), StandardCharsets.UTF_8);
        batch.addMessage(feeds.prefixOf(address), address, message.offset(), message.value());
      } else {
        skipped.add(message.topic(), message.partition(), message.offset(), wrong);
      }
    }
    return batch;
  }

  /**
   * Continues at the beginning of partitions whose next message was deleted. Messages that were
   * deleted before they were read raise the floor, so that readers learn of the gap.
   */
  private List<TimelineBatch> skipDeleted(Set<TopicPartition> partitions) {
    List<TimelineBatch> batches = new ArrayList<>();
    try {
      consumer
          .beginningOffsets(partitions, BROKER_TIMEOUT)
          .forEach((partition, beginning) -> resumeAt(batches, partition, beginning));
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      log.warn("beginning of the topic unknown, asking again reason={}", e.getMessage());
    }
    return batches;
  }

  private void resumeAt(List<TimelineBatch> batches, TopicPartition partition, long beginning) {
    PartitionProgress progress = assigned.get(partition.partition());
    if (progress == null) {
      return;
    }
    consumer.seek(partition, beginning);
    if (beginning - 1 > progress.top()) {
      log.warn(
          "messages were deleted before they were copied partition={} from={} through={}",
          partition.partition(),
          progress.top() + 1,
          beginning - 1);
      // Now, and not when Redis has the batch: the next range must not cover the missing messages.
      progress.advance(beginning - 1);
      batches.add(position(progress));
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> uncommitted(Collection<Integer> partitions) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (int partition : partitions) {
      PartitionProgress progress = assigned.get(partition);
      if (progress != null && committed.getOrDefault(partition, -1L) < progress.top()) {
        offsets.put(topicPartition(partition), new OffsetAndMetadata(progress.top() + 1));
      }
    }
    return offsets;
  }

  private void noteCommitted(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach((partition, next) -> committed.put(partition.partition(), next.offset() - 1));
  }

  private static TopicPartition topicPartition(int partition) {
    return new TopicPartition(TopicCatalogue.MESSAGES, partition);
  }

  static Properties properties(String bootstrapServers, int sessionTimeoutMillis) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    // A reset would hide that messages were deleted before they were read.
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH_MESSAGES_MAX);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, BATCH_BYTES_MAX);
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    // With Kafka's 64 KiB the kernel drops packets of a burst, which are sent again 200 ms later.
    properties.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, Selectable.USE_DEFAULT_BUFFER_SIZE);
    // A killed writer keeps its partitions for this time, and resuming sessions wait for these
    // partitions. Kafka's default is 45 s.
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, sessionTimeoutMillis);
    properties.put(
        ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
        sessionTimeoutMillis / HEARTBEATS_PER_SESSION_TIMEOUT);
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return properties;
  }

  /** Tracks the group's assignments. Called within {@link #poll} and {@link #close}. */
  private final class Rebalance implements ConsumerRebalanceListener {

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        long top = position(partition) - 1;
        assigned.put(partition.partition(), new PartitionProgress(partition.partition(), top));
      }
      newlyAssigned = true;
      assignedCount = assigned.size();
      log.info("timeline partitions assigned count={}", partitions.size());
    }

    /**
     * The group's committed offset of a partition, or the beginning of the topic when the group has
     * committed none. Kafka's consumer reports all assigned partitions without an offset at once,
     * and returns no position of any other partition until these partitions have a position.
     */
    private long position(TopicPartition partition) {
      try {
        return consumer.position(partition);
      } catch (NoOffsetForPartitionException e) {
        consumer.seekToBeginning(e.partitions());
        return consumer.position(partition);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          uncommitted(partitions.stream().map(TopicPartition::partition).toList());
      try {
        if (!offsets.isEmpty()) {
          consumer.commitSync(offsets, BROKER_TIMEOUT);
        }
      } catch (WakeupException e) {
        throw e;
      } catch (KafkaException e) {
        log.warn("offsets not committed, the next owner repeats reason={}", e.getMessage());
      }
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        assigned.remove(partition.partition());
        committed.remove(partition.partition());
        lost.add(partition.partition());
      }
      assignedCount = assigned.size();
    }
  }
}
