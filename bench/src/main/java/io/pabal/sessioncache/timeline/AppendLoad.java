// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.bench.redis.RedisLoad;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Appends to timelines, in batches as the timeline writer's. */
public final class AppendLoad implements RedisLoad, AutoCloseable {

  private final byte[] value = new byte[TimelineBenchmark.VALUE_BYTES];
  private final TimelineAppender appender;
  private long offset;

  private AppendLoad(TimelineAppender appender) {
    this.appender = appender;
  }

  /** Connects to Redis. Blocks. */
  public static AppendLoad start(URI redis) throws InterruptedException {
    return new AppendLoad(
        TimelineAppender.open(TimelineConfig.defaults("none:1", redis), "benchmark-topic"));
  }

  @Override
  public String unit() {
    return "appends";
  }

  @Override
  public int perScript() {
    return TimelineBenchmark.MESSAGES;
  }

  @Override
  public int run() throws InterruptedException, ExecutionException {
    appender.send(List.of(TimelineBenchmark.batchFrom(offset, value))).get();
    offset += TimelineBenchmark.MESSAGES;
    return TimelineBenchmark.MESSAGES;
  }

  @Override
  public void close() {
    appender.close();
  }
}
