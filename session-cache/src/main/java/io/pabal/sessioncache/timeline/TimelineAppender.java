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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis side of the timeline writer: sends the scripts that append batches. Thread-safe; calls
 * do not block unless they say so.
 */
final class TimelineAppender implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TimelineAppender.class);
  private static final LuaScript APPEND = LuaScript.load(TimelineAppender.class, "append.lua");
  private static final LuaScript PROBE = LuaScript.load(TimelineAppender.class, "probe_append.lua");
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);
  private static final String EVICTION_POLICY = "noeviction";
  private static final String OTHER_TOPIC = "OTHERTOPIC ";

  private final RedisServer server;
  private final RedisLink redis;
  private final TimelineConfig config;
  private final TimelineKeys keys;
  private final String topicId;
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
   * Connects to Redis, and runs the commands of an append. Blocks. A cluster may lack some of its
   * primaries.
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
      appender.redis.probe(PROBE, TimelineKeys::ofAppendProbe).toCompletableFuture().get();
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

  /** Whether one script may append the batches of several partitions. */
  boolean takesSeveralPartitions() {
    return !redis.isCluster();
  }

  /**
   * Appends batches in one script.
   *
   * @param batches of partitions whose keys are on one primary
   * @return completes when Redis has all of them; exceptionally when that is not known. A {@link
   *     TimelinesOfAnotherTopicException} cannot be repaired by another attempt
   */
  CompletableFuture<@Nullable Void> send(List<TimelineBatch> batches) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(bytes(topicId));
    arguments.add(bytes(config.messagesPerAddressMax()));
    arguments.add(bytes(config.timelineTtl().toMillis()));
    arguments.add(bytes(config.watermarkTtl().toMillis()));
    TimelineBatch.addArguments(arguments, batches);
    return redis
        .run(APPEND, TimelineBatch.keys(keys, batches), arguments.toArray(byte[][]::new))
        .<@Nullable Void>handle(
            (missing, failure) -> {
              if (failure != null) {
                throw new CompletionException(cause(failure));
              }
              report(batches, missing);
              return null;
            })
        .toCompletableFuture();
  }

  /** The metrics. */
  WriterFigures figures() {
    return figures;
  }

  /** The number of times so far that Redis did not take a batch. */
  long retries() {
    return figures.failures.sum();
  }

  /**
   * Runs the commands of an append on a timeline that cannot exist, so that {@link #problem} is up
   * to date in times without messages.
   */
  void probe() {
    var _ = redis.probe(PROBE, TimelineKeys::ofAppendProbe);
  }

  /** Why Redis does not take batches; empty while Redis does. */
  Optional<String> problem() {
    return figures.problem().or(redis::problem);
  }

  void bindTo(Meters meters) {
    figures.bindTo(meters);
    redis.bindTo(meters, "writer");
  }

  @Override
  public void close() {
    server.close();
  }

  private Throwable cause(Throwable failure) {
    Throwable cause = RedisLink.causeOf(failure);
    String message = String.valueOf(cause.getMessage());
    int at = message.indexOf(OTHER_TOPIC);
    return at < 0
        ? cause
        : new TimelinesOfAnotherTopicException(
            message.substring(at + OTHER_TOPIC.length()), topicId);
  }

  private void report(List<TimelineBatch> batches, List<Object> missing) {
    for (int i = 0; i < missing.size(); i += 3) {
      figures.incomplete.increment();
      log.warn(
          "timelines incomplete, readers are told partition={} missingAfter={} through={}",
          batches.get((int) number(missing.get(i)) - 1).range().partition(),
          number(missing.get(i + 1)),
          number(missing.get(i + 2)));
    }
  }

  /**
   * The timelines of every partition must come from this topic, if they are there. A partition
   * whose primary does not reply is checked by its first append.
   */
  private void checkTopic() throws InterruptedException {
    List<CompletableFuture<List<Optional<String>>>> topics = new ArrayList<>();
    for (int partition = 0; partition < keys.partitions(); partition++) {
      topics.add(redis.hashFields(keys.partition(partition), "topic").toCompletableFuture());
    }
    for (CompletableFuture<List<Optional<String>>> topic : topics) {
      try {
        Optional<String> found = topic.get().getFirst();
        if (found.isPresent() && !found.get().equals(topicId)) {
          throw new TimelinesOfAnotherTopicException(found.get(), topicId);
        }
      } catch (ExecutionException e) {
        log.debug("topic of a partition not known", e);
      }
    }
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
