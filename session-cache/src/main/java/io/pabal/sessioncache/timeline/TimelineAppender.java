// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;
import static io.pabal.sessioncache.redis.RedisLink.number;

import io.pabal.sessioncache.RedisUnavailableException;
import io.pabal.sessioncache.redis.LuaScript;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisProblem;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.telemetry.Meters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis side of the timeline writer: appends a batch, and returns only when Redis has it.
 * {@link #append} is called by the writer's thread only.
 */
final class TimelineAppender implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TimelineAppender.class);
  private static final LuaScript APPEND = LuaScript.load(TimelineAppender.class, "append.lua");
  private static final LuaScript PROBE = LuaScript.load(TimelineAppender.class, "probe_append.lua");
  private static final double STUCK_SECONDS = 10;
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);
  private static final long RETRY_DELAY_MIN_MILLIS = 20;
  private static final long RETRY_DELAY_MAX_MILLIS = 1_000;
  private static final String EVICTION_POLICY = "noeviction";
  private static final String OTHER_TOPIC = "OTHERTOPIC ";

  private final RedisServer server;
  private final RedisLink redis;
  private final TimelineConfig config;
  private final TimelineKeys keys;
  private final String topicId;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final WriterFigures figures = new WriterFigures();

  private TimelineAppender(
      RedisServer server, RedisLink redis, TimelineConfig config, String topicId) {
    this.server = server;
    this.redis = redis;
    this.config = config;
    this.keys = new TimelineKeys(config.topics().partitions());
    this.topicId = topicId;
  }

  /**
   * Connects to Redis, and tries an append without messages. Blocks.
   *
   * @param topicId Kafka's id of the topic {@code messages} that is copied
   * @throws IllegalStateException when Redis cannot be reached, or holds the timelines of another
   *     {@code messages} topic
   */
  static TimelineAppender open(TimelineConfig config, String topicId) throws InterruptedException {
    RedisServer server = RedisServer.at(config.redisUri(), COMMAND_TIMEOUT);
    try {
      TimelineAppender appender = new TimelineAppender(server, server.connect(), config, topicId);
      appender.checkEvictionPolicy();
      appender.checkTopic();
      return appender;
    } catch (ExecutionException e) {
      server.close();
      throw RedisUnavailableException.refused(config.redisUri(), RedisProblem.describe(e), e);
    } catch (RuntimeException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Appends a batch, and retries until Redis confirms that it has all of the batch. Blocks until
   * then.
   *
   * @return false when {@link #stop} was called before Redis confirmed the batch
   */
  boolean append(List<TimelineBatch> batches) throws InterruptedException {
    figures.begun();
    try {
      return tryUntilAppended(batches);
    } finally {
      figures.ended();
    }
  }

  /** The number of retries of batches so far. */
  long retries() {
    return figures.failures.sum();
  }

  /**
   * Runs the commands of {@link #append} on a timeline that cannot exist, so that {@link #problem}
   * is up to date in times without messages. Does not block.
   */
  void probe() {
    var _ =
        redis.probe(PROBE, TimelineKeys::ofAppendProbe);
  }

  /** Why Redis does not take batches; empty while Redis does. Any thread. */
  Optional<String> problem() {
    double underWaySeconds = figures.underWaySeconds();
    Optional<String> refused = figures.refused();
    if (refused.isPresent()) {
      return refused.map(
          reason -> "a batch is tried again for %.0f s (%s)".formatted(underWaySeconds, reason));
    }
    return underWaySeconds < STUCK_SECONDS
        ? redis.problem()
        : Optional.of("a batch has waited for an answer for %.0f s".formatted(underWaySeconds));
  }

  void bindTo(Meters meters) {
    figures.bindTo(meters);
    redis.bindTo(meters, "writer");
  }

  /** Ends the retries. Any thread. */
  void stop() {
    stopping.countDown();
  }

  @Override
  public void close() {
    server.close();
  }

  private boolean tryUntilAppended(List<TimelineBatch> batches) throws InterruptedException {
    long delayMillis = RETRY_DELAY_MIN_MILLIS;
    while (stopping.getCount() > 0) {
      try {
        run(batches);
        figures.taken();
        batches.forEach(batch -> figures.messages.add(batch.messageCount()));
        return true;
      } catch (ExecutionException e) {
        figures.refused(RedisProblem.describe(e));
        log.warn(
            "timelines not written, trying again delayMillis={} reason={}",
            delayMillis,
            RedisProblem.describe(e));
      }
      if (stopping.await(delayMillis, TimeUnit.MILLISECONDS)) {
        break;
      }
      delayMillis = Math.min(2 * delayMillis, RETRY_DELAY_MAX_MILLIS);
    }
    return false;
  }

  private void run(List<TimelineBatch> batches) throws ExecutionException, InterruptedException {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(topicId));
    arguments.add(bytes(config.messagesPerAddressMax()));
    arguments.add(bytes(config.timelineTtl().toMillis()));
    arguments.add(bytes(config.watermarkTtl().toMillis()));
    TimelineBatch.addArguments(arguments, batches);
    try {
      List<Object> missing =
          redis
              .run(APPEND, TimelineBatch.keys(keys, batches), arguments.toArray(byte[][]::new))
              .toCompletableFuture()
              .get();
      for (int i = 0; i < missing.size(); i += 3) {
        figures.incomplete.increment();
        log.warn(
            "timelines incomplete, readers are told partition={} missingAfter={} through={}",
            batches.get((int) number(missing.get(i)) - 1).range().partition(),
            number(missing.get(i + 1)),
            number(missing.get(i + 2)));
      }
    } catch (ExecutionException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains(OTHER_TOPIC)) {
        throw otherTopic(message.substring(message.indexOf(OTHER_TOPIC) + OTHER_TOPIC.length()));
      }
      throw e;
    }
  }

  /** The timelines of every partition must come from this topic, if they are there. */
  private void checkTopic() throws ExecutionException, InterruptedException {
    List<CompletableFuture<List<Optional<String>>>> topics = new ArrayList<>();
    for (int partition = 0; partition < keys.partitions(); partition++) {
      topics.add(redis.hashFields(keys.partition(partition), "topic").toCompletableFuture());
    }
    for (CompletableFuture<List<Optional<String>>> topic : topics) {
      Optional<String> found = topic.get().getFirst();
      if (found.isPresent() && !found.get().equals(topicId)) {
        throw otherTopic(found.get());
      }
    }
    redis.probe(PROBE, TimelineKeys::ofAppendProbe).toCompletableFuture().get();
  }

  private IllegalStateException otherTopic(String found) {
    return new IllegalStateException(
        "redis: the timelines belong to another topic \"messages\", id %s (expected: %s). Positions start anew in a new topic: delete the keys pabal:{*}:p and pabal:{*}:t:*, or use the Kafka cluster they came from."
            .formatted(found, topicId));
  }

  private void checkEvictionPolicy() throws ExecutionException, InterruptedException {
    List<String> policies = redis.evictionPolicies().toCompletableFuture().get();
    for (String policy : Set.copyOf(policies)) {
      if (!policy.equals(EVICTION_POLICY)) {
        log.warn(
            "redis maxmemory-policy={} expected={}: evicted sessions and messages are lost unnoticed",
            policy,
            EVICTION_POLICY);
      }
    }
    if (policies.size() < redis.primaries()) {
      log.warn(
          "redis does not tell its maxmemory-policy, which must be {}: this user may not run INFO",
          EVICTION_POLICY);
    }
  }
}
