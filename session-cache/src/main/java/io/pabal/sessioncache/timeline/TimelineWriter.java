// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.micrometer.core.instrument.MeterRegistry;
import io.pabal.schemas.SkippedRecords;
import io.pabal.schemas.clock.BrokerClock;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.partitions.PartitionsWatch;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.KafkaProblem;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Observed;
import io.pabal.telemetry.StallDetector;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies {@code messages} from Kafka to the timelines in Redis, on a thread of its own. Any number
 * of writers may run at the same time: they share the partitions as a consumer group.
 *
 * <h2>What readers may rely on</h2>
 *
 * <p>Redis has a <em>watermark</em> and a <em>floor</em> for each partition. This invariant holds
 * at every moment:
 *
 * <blockquote>
 *
 * Every message with {@code floor < offset <= watermark} is in the timeline of its feed, unless the
 * timeline was trimmed, which the timeline shows. No timeline has a message beyond the watermark.
 *
 * </blockquote>
 *
 * <p>One script, which Redis runs alone and replicates as a whole, appends all messages in {@code
 * (base, top]} of a partition, and then moves both numbers:
 *
 * <ul>
 *   <li>the watermark to the greater of itself and {@code top};
 *   <li>the floor to {@code base}, if the watermark was lower than {@code base}, or missing. The
 *       messages between the two were written once, since a writer's base is the position that this
 *       writer or the group's last commit has reached. They are not in Redis now.
 * </ul>
 *
 * <p>The invariant holds before the script runs, and the ranges {@code (floor, watermark]} and
 * {@code (base, top]} touch or overlap, so the invariant holds afterwards. This argument does not
 * depend on the identity of the writer. Two writers may own the same partition for a moment, and a
 * writer may be frozen, lose its partition and wake up. All of them run the same script, each with
 * a range whose messages it really carries. Each run preserves the invariant, in any order of the
 * runs, and the watermark never falls.
 *
 * <p><b>Duplicate writes.</b> An entry's id is its offset, so Redis refuses an entry at or below
 * the last entry of its timeline. The presence of a later entry does not prove that the refused
 * entry is present. But at or below the watermark the invariant says that the entry is present (or
 * lies at or below the floor, where nothing is promised), and beyond the watermark no timeline has
 * an entry. Redis may still refuse an entry beyond the watermark: somebody deleted the watermarks,
 * or a key that is not a stream cut an append short. The script then raises the floor to this entry
 * instead of assuming that the entry is present.
 *
 * <p><b>Redis loses its data</b>: all data (a flush), or the newest (a failover to a lagging
 * replica; a restart with an append-only file that is synchronised every second). Watermark and
 * floor are one key, so they are lost together, and with the messages, since one script writes all
 * of them. Readers that need a higher watermark wait. The next run of the script comes at most
 * {@value #PUBLISH_INTERVAL_MILLIS} ms later, also on an idle partition. It finds the watermark
 * below its base, and raises the floor. The readers then continue, and learn of the gap.
 *
 * <p><b>Age.</b> Messages leave the timelines after {@link TimelineConfig#ageMax}: the writer asks
 * Kafka for the offset of that age, raises the floor to this offset, and lets Redis trim below it.
 * A timeline without new messages expires as a whole, a margin later. If no writer runs to raise
 * the floor before, the watermarks are gone by then: they expire half a margin after a writer has
 * last published.
 *
 * <p><b>Nothing is skipped.</b> When Redis does not confirm a batch, for any reason, the same batch
 * is tried again (20 ms to 1 s apart), and its partition is not read on until Redis has it. The
 * other partitions go on: one primary of a cluster that is down costs its partitions only. Kafka's
 * offsets are committed only for messages that Redis has. In memory there is at most one batch of
 * each partition, of at most 1,000 messages. Kafka may assign the partitions to another writer
 * meanwhile; the argument above covers this case.
 *
 * <p><b>Batches.</b> After a batch of few messages the writer rests for {@value #REST_MILLIS} ms,
 * so that a steady trickle is written a hundred times a second and not once per message. This
 * delays a resuming session by at most that time.
 *
 * <p><b>Repair.</b> {@link TimelineRepair} puts messages back below those that the writers append,
 * and preserves the invariant too.
 *
 * <p>All keys of a partition have one hash tag ({@link TimelineKeys}), so one primary of a Redis
 * Cluster has them. The timelines need {@code maxmemory-policy noeviction}: an evicted message
 * would be lost unnoticed.
 */
public final class TimelineWriter implements AutoCloseable, Observed {

  static final long PUBLISH_INTERVAL_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(TimelineWriter.class);
  private static final String PART = "timeline";
  private static final Duration SILENCE_MAX = Duration.ofSeconds(15);
  private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration POLL_TIMEOUT_WHILE_PENDING = Duration.ofMillis(20);

  /** How long the first attempt to append a batch may hold up other partitions. */
  private static final long APPEND_WAIT_MILLIS = 200;

  private static final long REST_MILLIS = 10;
  private static final int FEW_MESSAGES = 500;
  private static final int AGE_REFRESH_DIVISOR = 100;
  private static final long AGE_REFRESH_MIN_MILLIS = 1_000;
  private static final long AGE_REFRESH_MAX_MILLIS = 600_000;
  private static final int START_MILLIS_MAX = 30_000;
  private static final long CLOSE_TIMEOUT_MILLIS = 20_000;

  /** The topic that is copied, and the topic whose records give the brokers' clock. */
  private static final Set<String> NEEDED =
      Set.of(TopicCatalogue.MESSAGES, TopicCatalogue.CONNECTORS);

  private final TimelineAppender appender;
  private final PendingAppends pending;
  private final MessageSource source;
  private final BrokerClock clock;
  private final Duration ageMax;
  private final LongAdder malformed;
  private final PartitionsWatch partitions;
  private final StallDetector reading;
  private final Thread thread;
  private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
  private volatile boolean closing;
  private long nextPublishNanos;
  private long nextAgeRefreshNanos;

  private TimelineWriter(
      TimelineAppender appender,
      MessageSource source,
      BrokerClock clock,
      Duration ageMax,
      LongAdder malformed,
      PartitionsWatch partitions) {
    this.appender = appender;
    this.pending = new PendingAppends(appender);
    this.source = source;
    this.clock = clock;
    this.ageMax = ageMax;
    this.malformed = malformed;
    this.partitions = partitions;
    this.reading =
        new StallDetector(
            () ->
                KafkaClientMeters.sum(source.figures(), "consumer-metrics", "incoming-byte-total"),
            SILENCE_MAX);
    this.thread = Thread.ofPlatform().name("pabal-timeline-writer").unstarted(this::run);
  }

  /**
   * Starts a writer, and returns once it has subscribed to {@code messages}. Blocks.
   *
   * @throws io.pabal.schemas.topic.TopicMismatchException when {@code messages} has another number
   *     of partitions
   * @throws io.pabal.schemas.clock.ClockException when the clock of this machine is wrong
   * @throws IllegalStateException when Kafka or Redis cannot be reached, or Redis holds the
   *     timelines of another {@code messages} topic
   */
  public static TimelineWriter start(TimelineConfig config) {
    try {
      String topicId = ensureTopic(config);
      TimelineAppender appender = TimelineAppender.open(config, topicId);
      LongAdder malformed = new LongAdder();
      BrokerClock clock = null;
      MessageSource source;
      try {
        clock = BrokerClock.start(config.bootstrapServers());
        source =
            new MessageSource(
                config.bootstrapServers(),
                config.sessionTimeout(),
                config.topics().feeds(),
                new SkippedRecords(log, malformed));
      } catch (Throwable e) {
        appender.close();
        if (clock != null) {
          clock.close();
        }
        throw e;
      }
      TimelineWriter writer =
          new TimelineWriter(
              appender,
              source,
              clock,
              config.ageMax(),
              malformed,
              PartitionsWatch.start(clients(config), config.topics().feeds()));
      writer.thread.start();
      return writer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the timeline writer started", e);
    }
  }

  /**
   * Completes when the writer has ended: normally after {@link #close}, otherwise exceptionally
   * with the cause.
   */
  public CompletionStage<@Nullable Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Meters meters = Meters.of(registry, PART);
    appender.bindTo(meters);
    meters.gauge(BrokerClock.SKEW_METRIC, BrokerClock.SKEW_DOC, clock::skewSeconds);
    meters.gauge(
        "pabal.timeline.partitions",
        "Partitions of messages that this writer copies",
        () -> Math.max(0, source.assignedCount()));
    meters.counter(
        "pabal.timeline.malformed",
        "Records of messages that are no messages, or are in another partition than their address",
        malformed);
    KafkaClientMeters.bind(meters, PART, source::figures);
  }

  @Override
  public Health health() {
    int partitions = source.assignedCount();
    long known = KafkaClientMeters.knownLags(source.figures());
    Optional<String> redis = appender.problem();
    return new Health(
        List.of(
            Check.of(
                "writer",
                Weight.LIVE,
                !terminated.isCompletedExceptionally(),
                "The writer has ended; its log says why."),
            Check.of(
                "assignment",
                Weight.READY,
                partitions >= 0,
                "The group has not assigned any partitions yet."),
            Check.of(
                "lag",
                Weight.READY,
                known >= partitions,
                "How far it is behind is known of %d of %d partitions."
                    .formatted(known, partitions)),
            Check.of(
                "kafka",
                Weight.READY,
                reading.goesOn(System.nanoTime()),
                "Nothing was heard of Kafka for more than %d s: nothing is copied."
                    .formatted(SILENCE_MAX.toSeconds())),
            Check.of(
                "redis",
                Weight.READY,
                redis.isEmpty(),
                "Redis does not take what is to be written: %s".formatted(redis.orElse(""))),
            Check.of(BrokerClock.CHECK, Weight.INFORMATION, clock.isRight(), clock.problem())));
  }

  /**
   * Commits the offsets of the messages that Redis has, leaves the group and disconnects. Blocks
   * for 20 s at most.
   */
  @Override
  public void close() {
    closing = true;
    source.wakeup();
    try {
      thread.join(CLOSE_TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The number of records so far that were not messages. */
  long malformed() {
    return malformed.sum();
  }

  /** The number of times so far that Redis did not take a batch. */
  long retries() {
    return appender.retries();
  }

  private void run() {
    Throwable cause = null;
    try {
      while (!closing) {
        partitions.terminated().getNow(null);
        copy();
      }
    } catch (CompletionException e) {
      cause = e.getCause();
    } catch (WakeupException e) {
      cause = closing ? null : e;
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      cause = e;
    } finally {
      end(cause);
    }
  }

  private void copy() throws InterruptedException {
    List<TimelineBatch> batches =
        source.poll(pending.isEmpty() ? POLL_TIMEOUT : POLL_TIMEOUT_WHILE_PENDING);
    pending.drop(source.takeLost());
    append(batches);
    rest(batches);
    long nowNanos = System.nanoTime();
    if (source.takeNewlyAssigned()) {
      nextAgeRefreshNanos = nowNanos;
      nextPublishNanos = nowNanos;
    }
    if (nowNanos - nextPublishNanos >= 0 && !closing) {
      nextPublishNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(PUBLISH_INTERVAL_MILLIS);
      publish(nowNanos);
      appender.probe();
      source.commit();
    }
  }

  /** Appends batches, and reads on in the partitions that have no batch pending then. */
  private void append(List<TimelineBatch> batches) throws InterruptedException {
    for (TimelineBatch batch : batches) {
      if (!pending.partitions().contains(batch.range().partition())) {
        pending.add(batch);
      }
    }
    if (!pending.isEmpty()) {
      pending.advance(APPEND_WAIT_MILLIS).forEach(source::appended);
      source.pauseOnly(pending.partitions());
    }
  }

  /** Lets messages accumulate, so that a trickle does not cost a fetch and a script per message. */
  private void rest(List<TimelineBatch> batches) {
    if (batches.isEmpty()) {
      return;
    }
    if (batches.stream().mapToInt(TimelineBatch::messageCount).sum() < FEW_MESSAGES && !closing) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REST_MILLIS));
    }
  }

  private void publish(long nowNanos) throws InterruptedException {
    if (nowNanos - nextAgeRefreshNanos >= 0) {
      if (!source.refreshAgeFloors(BrokerTime.millis() - ageMax.toMillis())) {
        return;
      }
      long intervalMillis =
          Math.clamp(
              ageMax.toMillis() / AGE_REFRESH_DIVISOR,
              AGE_REFRESH_MIN_MILLIS,
              AGE_REFRESH_MAX_MILLIS);
      nextAgeRefreshNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(intervalMillis);
    }
    append(source.positions());
  }

  private void end(@Nullable Throwable cause) {
    try {
      source.close();
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      log.warn("timeline writer did not leave its group cleanly reason={}", e.toString());
    }
    try {
      appender.close();
    } catch (Throwable e) {
      // The end of the writer has to be reported all the same.
      FatalError.endProcessIf(e);
      log.warn("timeline writer did not disconnect from Redis cleanly reason={}", e.toString());
    }
    partitions.close();
    clock.close();
    if (cause == null) {
      terminated.complete(null);
    } else {
      log.error("timeline writer ended", cause);
      terminated.completeExceptionally(cause);
    }
  }

  private static Map<String, Object> clients(TimelineConfig config) {
    return Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
  }

  private static String ensureTopic(TimelineConfig config) throws InterruptedException {
    Map<String, Object> clients = clients(config);
    Map<String, Object> settings = new HashMap<>(clients);
    // Closing waits for requests that are still under way.
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, START_MILLIS_MAX);
    try (Admin admin = Admin.create(settings)) {
      FixedPartitions.ensure(
          admin,
          clients,
          config.topics(),
          config.topics().shared().stream().filter(topic -> NEEDED.contains(topic.name())).toList(),
          config.replicationFactor());
      TopicDescription messages =
          admin
              .describeTopics(List.of(TopicCatalogue.MESSAGES))
              .allTopicNames()
              .get()
              .get(TopicCatalogue.MESSAGES);
      return Objects.requireNonNull(messages).topicId().toString();
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException(
          "kafka: %s does not answer: %s (expected: a cluster). Start it, or correct kafka.bootstrapServers."
              .formatted(config.bootstrapServers(), KafkaProblem.describe(e)),
          e);
    }
  }
}
