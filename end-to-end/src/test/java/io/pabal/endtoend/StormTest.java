// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.pabal.bench.client.Crowd;
import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.connector.ConnectorConfig.Admission;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.connector.ConnectorConfig.InFlight;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.Patience;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A connector goes and all its sessions come to another one at once, where others are live.
 *
 * <p>{@code pabal bench storm} measures the same with more sessions, and with admission switched
 * off.
 */
class StormTest {

  private static final int SESSIONS = 2_500;
  private static final int WAITING = 3;
  private static final int QUIET_MESSAGES = 500;
  private static final int IN_FLIGHT_MAX = 200;

  /** Far less than all need, so that some wait and some are refused. */
  private static final Duration WAIT_MAX = Duration.ofMillis(200);

  private static final Admission ADMISSION =
      new Admission(new InFlight(16, IN_FLIGHT_MAX, Duration.ofMillis(5)), 1_000, WAIT_MAX);
  private static final Drain AT_ONCE = new Drain(0, Duration.ofMinutes(1), false, null);

  /** What a session and its client may leave in memory, together; measured: see the README. */
  private static final int KIB_PER_SESSION_MAX = 24;

  /** Buffers of a session on its way in: one that is read into, and pages that are sent. */
  private static final long RESUME_DIRECT_BYTES_MAX = 80L << 10;

  /** What the storm may need of direct memory beyond what was there before. */
  private static final long STORM_DIRECT_BYTES_MAX = IN_FLIGHT_MAX * RESUME_DIRECT_BYTES_MAX;

  @TempDir Path data;

  private final ClientLoop loop = ClientLoop.start("storm");
  private final Crowd crowd = new Crowd("crowd", SESSIONS, WAITING);

  @Test
  void shouldLetAllComeBackWithoutHarmToThoseThatAreThere() throws Exception {
    try (Pipeline pipeline = Pipeline.start(data, 2, AT_ONCE, ADMISSION);
        LiveTraffic live = LiveTraffic.start(LiveTraffic.Plan.steady("live", pipeline.port(2)))) {
      long emptyBytes = Memory.liveBytes();
      crowd.subscribe(loop, pipeline.port(1));
      Patience.untilAll(SESSIONS, crowd::subscribed, this::state);
      long quietNanos = System.nanoTime();
      await().until(() -> live.latencies(quietNanos, Long.MAX_VALUE).count() >= QUIET_MESSAGES);
      System.out.println("quiet: " + live.latencies(quietNanos, System.nanoTime()));
      pipeline.connector(1).close();
      crowd.publishAll(loop, pipeline.port(2));
      Patience.untilAll(SESSIONS * WAITING, crowd::published, this::state);

      ConnectorMetrics metrics = pipeline.connector(2).metrics();
      long directBytes = Memory.directBytes();
      try (Watch watch = Watch.start(pipeline)) {
        long begunNanos = System.nanoTime();
        crowd.comeBack(loop, pipeline.port(2));
        Patience.untilAll(SESSIONS, crowd::complete, this::state);
        System.out.println("storm: " + live.latencies(begunNanos, System.nanoTime()));
        System.out.printf(
            "storm: %,d sessions back in %.1f s, refused: rate %,d, in flight %,d; in flight at most %,d; direct memory at most %,d KiB more%n",
            SESSIONS,
            (System.nanoTime() - begunNanos) / 1e9,
            metrics.connectsOverRate.sum(),
            metrics.connectsOverInFlight.sum(),
            watch.inFlightMost.get(),
            (watch.directMost() - directBytes) / 1_024);

        assertThat(crowd.violations).isEmpty();
        assertThat(crowd.refusals()).isSubsetOf(0x97, 0x88).isNotEmpty();
        assertThat(watch.inFlightMost.get()).isBetween(1, IN_FLIGHT_MAX);
        assertThat(watch.directMost() - directBytes).isLessThan(STORM_DIRECT_BYTES_MAX);
      }
      await().until(() -> pipeline.connector(2).resumesInFlight() == 0);
      long perSession = (Memory.liveBytes() - emptyBytes) / SESSIONS;
      System.out.printf("storm: %,d bytes for each session and its client%n", perSession);
      assertThat(perSession).isLessThan(KIB_PER_SESSION_MAX * 1_024L);
      assertThat(live.violations).isEmpty();
      crowd.close();
    } finally {
      loop.close();
    }
  }

  private String state() {
    return "%s; violations %s".formatted(crowd.missing(10), crowd.violations);
  }

  /** Looks again and again at what must stay within its bounds. */
  private static final class Watch implements AutoCloseable {

    private static final long LOOK_NANOS = 1_000_000;

    final AtomicInteger inFlightMost = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread thread;
    private volatile long directMost;

    private Watch(Pipeline pipeline) {
      thread = Thread.ofPlatform().daemon().name("watch").start(() -> look(pipeline));
    }

    static Watch start(Pipeline pipeline) {
      return new Watch(pipeline);
    }

    long directMost() {
      return directMost;
    }

    private void look(Pipeline pipeline) {
      while (!over.get()) {
        inFlightMost.accumulateAndGet(pipeline.connector(2).resumesInFlight(), Math::max);
        directMost = Math.max(directMost, Memory.directBytes());
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    @Override
    public void close() {
      over.set(true);
      while (thread.isAlive()) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  /** What is in use in this JVM. */
  private static final class Memory {

    /** After a collection: heap and direct memory. */
    static long liveBytes() {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory() + directBytes();
    }

    static long directBytes() {
      var allocator = (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
      return allocator.metric().usedDirectMemory();
    }
  }
}
