// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.embedded.EmbeddedRedis;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A batch of 500 messages of 100 addresses appended to a real Redis on this machine, and a page of
 * 128 read from it: the round trip and Redis's own time included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // prepare() comes first
public class TimelineRedisBenchmark {

  private final byte[] value = new byte[TimelineBenchmark.VALUE_BYTES];
  private EmbeddedRedis redis;
  private SessionCache cache;
  private TimelineAppender appender;
  private long offset;

  /** Starts Redis and fills the timeline that is read. */
  @Setup
  public void prepare() throws IOException, InterruptedException {
    redis = EmbeddedRedis.start(Files.createTempDirectory("pabal-bench"), 0);
    cache =
        SessionCache.connect(
            new SessionCacheConfig(redis.uri(), Duration.ofSeconds(5), Duration.ofSeconds(20)),
            TimelineBenchmark.KEYS.partitions());
    appender =
        TimelineAppender.open(TimelineConfig.defaults("none:1", redis.uri()), "benchmark-topic");
    for (int i = 0; i < 100; i++) {
      append();
    }
  }

  /** Ends Redis. */
  @TearDown
  public void end() {
    appender.close();
    cache.close();
    redis.close();
  }

  /** Appends one batch. */
  @Benchmark
  public void append() {
    var _ = appender.send(List.of(TimelineBenchmark.batchFrom(offset, value))).join();
    offset += TimelineBenchmark.MESSAGES;
  }

  /** Reads one page. */
  @Benchmark
  public int read() {
    int found =
        cache
            .timelines()
            .read("rooms/1", 0, -1, offset - 1, TimelineBenchmark.PAGE)
            .toCompletableFuture()
            .join()
            .entries()
            .size();
    if (found != TimelineBenchmark.PAGE) {
      throw new IllegalStateException("read " + found);
    }
    return found;
  }
}
