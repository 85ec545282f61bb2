// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * A measurement, not a test: what one recording costs in a {@link DelayHistogram} and in a timer of
 * Micrometer with the same buckets, alone and from two threads at once.
 */
final class DelayCost {

  private static final int RECORDINGS = 20_000_000;
  private static final int ROUNDS = 4;

  private DelayCost() {}

  public static void main(String[] args) throws InterruptedException {
    Duration[] bounds =
        Arrays.stream(DelayHistogram.boundsSeconds())
            .filter(Double::isFinite)
            .mapToObj(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
            .toArray(Duration[]::new);
    Timer timer =
        Timer.builder("timer")
            .serviceLevelObjectives(bounds)
            .register(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    DelayHistogram histogram = new DelayHistogram();
    for (int threads = 1; threads <= 2; threads++) {
      measure("DelayHistogram", threads, histogram::record);
      measure("Timer", threads, nanos -> timer.record(nanos, TimeUnit.NANOSECONDS));
    }
  }

  private static void measure(String what, int threads, LongConsumer record)
      throws InterruptedException {
    for (int round = 1; round <= ROUNDS; round++) {
      LongAdder nanos = new LongAdder();
      LongAdder bytes = new LongAdder();
      CountDownLatch begin = new CountDownLatch(threads);
      Thread[] workers = new Thread[threads];
      for (int i = 0; i < threads; i++) {
        workers[i] = Thread.ofPlatform().start(() -> work(record, begin, nanos, bytes));
      }
      for (Thread worker : workers) {
        worker.join();
      }
      if (round == ROUNDS) {
        double recordings = (double) RECORDINGS * threads;
        System.out.printf(
            "%-15s %d threads  %5.1f ns  %.3f bytes each%n",
            what, threads, nanos.sum() / recordings, bytes.sum() / recordings);
      }
    }
  }

  private static void work(
      LongConsumer record, CountDownLatch begin, LongAdder nanos, LongAdder bytes) {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    begin.countDown();
    try {
      begin.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    long bytesBefore = thread.getCurrentThreadAllocatedBytes();
    long cpuBefore = thread.getCurrentThreadCpuTime();
    for (int i = 0; i < RECORDINGS; i++) {
      record.accept((i & 0xFFFF) * 1_000L);
    }
    nanos.add(thread.getCurrentThreadCpuTime() - cpuBefore);
    bytes.add(thread.getCurrentThreadAllocatedBytes() - bytesBefore);
  }
}
