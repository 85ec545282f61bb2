// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import static io.pabal.sessioncache.redis.RedisLink.bytes;

import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The timelines' share of Redis's commands: a batch of 500 messages of 100 addresses made into a
 * script's keys and arguments, and the reply with a page of 128 messages made into entries.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // prepare() comes first
public class TimelineBenchmark {

  static final TimelineKeys KEYS = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);
  static final int MESSAGES = 500;
  static final int ADDRESSES = 100;
  static final int PAGE = 128;
  static final int VALUE_BYTES = 150;

  private final byte[] value = new byte[VALUE_BYTES];
  private final TimelineReader.Request request =
      new TimelineReader.Request("rooms/1", 0, -1, Long.MAX_VALUE, PAGE);
  private List<Object> reply;
  private long offset = 1_000_000;

  /** Makes a reply as Redis sends it. */
  @Setup
  public void prepare() {
    reply = new ArrayList<>(List.of(1_000_200L, bytes(-1)));
    for (int i = 0; i < PAGE; i++) {
      reply.add(bytes(1_000_000 + i + "-1"));
      reply.add(value);
    }
  }

  /** Keys and arguments of one batch. */
  @Benchmark
  public void batch(Blackhole sink) {
    TimelineBatch batch = batchFrom(offset, value);
    offset += MESSAGES;
    List<byte[]> arguments = new ArrayList<>();
    TimelineBatch.addArguments(arguments, List.of(batch));
    sink.consume(TimelineBatch.keys(KEYS, List.of(batch)));
    sink.consume(arguments.toArray(byte[][]::new));
  }

  /** One page. */
  @Benchmark
  public TimelinePage page() {
    return request.page(reply);
  }

  static TimelineBatch batchFrom(long offset, byte[] value) {
    TimelineBatch batch =
        new TimelineBatch(new PartitionRange(0, offset - 1, offset + MESSAGES - 1, -1));
    for (int i = 0; i < MESSAGES; i++) {
      batch.addMessage("rooms/" + i % ADDRESSES, offset + i, value);
    }
    return batch;
  }
}
