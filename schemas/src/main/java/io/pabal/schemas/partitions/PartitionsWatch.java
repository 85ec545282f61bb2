// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicMismatchException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects that somebody has added partitions to a topic that a role uses, or that the topics were
 * recorded with other prefix levels after the role had started, so that the role ends. A watch asks
 * Kafka every {@value #INTERVAL_MILLIS} ms, on a thread of its own. While Kafka does not answer, it
 * reports nothing.
 *
 * <p>Until the role ends, the new partitions are harmless: every producer of Pabal computes
 * partitions from the configured number, and not from Kafka's metadata.
 */
public final class PartitionsWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PartitionsWatch.class);
  private static final long INTERVAL_MILLIS = 10_000;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final Admin admin;
  private final Map<String, Object> clients;
  private final Feeds feeds;

  /** Whether the recorded numbers were read; they never change then. Used by the thread only. */
  private boolean recorded;

  private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pabal-partitions").factory());

  private PartitionsWatch(Admin admin, Map<String, Object> clients, Feeds feeds) {
    this.admin = admin;
    this.clients = clients;
    this.feeds = feeds;
  }

  /**
   * Starts a watch. Does not wait for Kafka.
   *
   * @param clients settings of every client of this cluster
   * @param feeds the number of partitions and the prefix levels that the role uses
   */
  public static PartitionsWatch start(Map<String, Object> clients, Feeds feeds) {
    return start(Admin.create(clients), clients, feeds, INTERVAL_MILLIS);
  }

  /** The same, asking every {@code intervalMillis}. Closes {@code admin} at the end. */
  static PartitionsWatch start(
      Admin admin, Map<String, Object> clients, Feeds feeds, long intervalMillis) {
    var watch = new PartitionsWatch(admin, clients, feeds);
    var _ =
        watch.thread.scheduleWithFixedDelay(
            watch::check, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
    return watch;
  }

  /**
   * Completes exceptionally with a {@link TopicMismatchException} when a topic has another number
   * of partitions, on the watch's thread. Completes normally on {@link #close}.
   */
  public CompletableFuture<@Nullable Void> terminated() {
    return terminated;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(CLOSE_TIMEOUT);
    terminated.complete(null);
  }

  private void check() {
    try {
      FixedPartitions present =
          recorded
              ? FixedPartitions.readExpecting(admin, feeds)
              : FixedPartitions.read(admin, clients);
      present.check(Optional.of(feeds));
      recorded = present.prefixLevels().isPresent();
    } catch (TopicMismatchException e) {
      terminated.completeExceptionally(e);
      thread.shutdown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | RuntimeException e) {
      log.debug("partitions not looked at reason=\"{}\"", e.toString());
    } catch (Error e) {
      // The executor would keep it to itself, and never look again.
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, e);
    }
  }
}
