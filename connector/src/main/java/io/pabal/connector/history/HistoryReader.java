// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.history;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.schemas.topic.Feeds;
import io.pabal.telemetry.FatalError;
import io.pabal.telemetry.Meters;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the messages of one feed from a range of {@code messages}, where they lie among the
 * messages of all other feeds of the partition.
 *
 * <p>One thread and one consumer read for the whole connector. The thread runs one {@link
 * HistoryPass} after the other, each for the request that has waited longest. So a page covers the
 * first stretch of its range only. The caller requests the rest again, and this request goes to the
 * end of the queue: a range of a million records delays no other request by more than one pass.
 * Requests whose ranges begin close together are served by the same pass; after a loss of the
 * timelines there are many of them.
 *
 * <p>At most {@value #WAITING_MAX} requests wait. A further request fails at once with {@link
 * HistoryBusyException}. While Kafka is away, requests wait until Kafka is back or until they are
 * cancelled. Thread-safe; only {@link #close} blocks.
 */
public final class HistoryReader implements AutoCloseable {

  /** Requests that may wait at the same time. */
  static final int WAITING_MAX = 4_096;

  private static final Logger log = LoggerFactory.getLogger(HistoryReader.class);

  private static final long IDLE_MILLIS = 200;
  private static final long BACKOFF_MIN_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 1_000;

  private final Feeds feeds;
  private final MessageLog messages;
  private final ConnectorMetrics metrics;
  private final Semaphore places = new Semaphore(WAITING_MAX);
  private final LinkedBlockingQueue<HistoryRequest> arriving = new LinkedBlockingQueue<>();
  private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;

  /** The requests in the order in which they are served; each holds one of the places. */
  private final ArrayDeque<HistoryRequest> waiting = new ArrayDeque<>();

  private long backoffMillis;

  private HistoryReader(String bootstrapServers, Feeds feeds, ConnectorMetrics metrics) {
    this.feeds = feeds;
    this.messages = new MessageLog(bootstrapServers);
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("history").unstarted(this::run);
  }

  /**
   * Starts a reader of the {@code messages} of this cluster. Does not wait for Kafka.
   *
   * @param feeds the division of addresses into feeds
   */
  public static HistoryReader start(
      String bootstrapServers, Feeds feeds, ConnectorMetrics metrics) {
    HistoryReader reader = new HistoryReader(bootstrapServers, feeds, metrics);
    reader.thread.start();
    return reader;
  }

  /**
   * Reads the messages of {@code feed} with {@code afterOffset < offset <= throughOffset}, or the
   * first of them. Any thread. Cancel the future when the page is not needed any more: then no pass
   * is run for it, and a pass under way ends with the records that were fetched already.
   *
   * @param feed the prefix of the addresses
   * @param partition the feed's partition
   * @param afterOffset -1 to read from the oldest
   * @param throughOffset the offset of a record that Kafka had, beyond {@code afterOffset}
   * @param countMax maximum number of messages in the page, at least 1
   * @param bytesMax bytes of message values after which the page takes no further message
   * @return completes on the reader's thread. Fails with {@link HistoryBusyException}, with the
   *     error that Kafka returned, or with an {@link IllegalStateException} when the reader is
   *     closed or the partition ends before {@code throughOffset}
   * @throws IllegalArgumentException when the range is empty or {@code countMax} is below 1
   */
  public CompletableFuture<HistoryPage> read(
      String feed,
      int partition,
      long afterOffset,
      long throughOffset,
      int countMax,
      int bytesMax) {
    if (throughOffset <= afterOffset || countMax < 1) {
      throw new IllegalArgumentException(
          "range %d-%d, countMax %d (expected: a range that is not empty, and at least 1 message)"
              .formatted(afterOffset + 1, throughOffset, countMax));
    }
    var request =
        new HistoryRequest(feed, partition, afterOffset, throughOffset, countMax, bytesMax);
    if (terminated.isDone()) {
      request.fail(closed());
      return request.page();
    }
    if (!places.tryAcquire()) {
      request.fail(
          new HistoryBusyException(
              WAITING_MAX + " reads of messages wait already (expected: fewer). Try again later."));
      return request.page();
    }
    arriving.add(request);
    if (terminated.isDone()) {
      failArriving();
    }
    return request.page();
  }

  /** Completes when the reader has ended: exceptionally when it was not closed. Any thread. */
  public CompletableFuture<@Nullable Void> terminated() {
    return terminated;
  }

  /** Binds the gauges of waiting requests and of their maximum. */
  public void bindTo(Meters meters) {
    meters.gauge(
        "pabal.connector.history.waiting",
        "Reads of messages that wait or are under way",
        () -> WAITING_MAX - places.availablePermits());
    meters.gauge(
        "pabal.connector.history.waiting.max",
        "Reads of messages that may wait before further ones have to try again",
        () -> WAITING_MAX);
  }

  /** Fails the requests that wait and stops. Blocks for a second or two at most. */
  @Override
  public void close() {
    stopping.countDown();
    messages.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Throwable cause = null;
    try (messages) {
      while (stopping.getCount() > 0) {
        updateQueue();
        HistoryRequest lead = waiting.peek();
        if (lead != null) {
          serve(lead);
        }
      }
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      cause = stopping.getCount() > 0 ? e : null;
    }
    end(cause);
  }

  /** Moves new requests to the queue, and removes requests that are answered or cancelled. */
  private void updateQueue() throws InterruptedException {
    if (waiting.isEmpty()) {
      HistoryRequest first = arriving.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        waiting.add(first);
      }
    }
    arriving.drainTo(waiting);
    int before = waiting.size();
    waiting.removeIf(HistoryRequest::isDone);
    places.release(before - waiting.size());
  }

  private void serve(HistoryRequest lead) throws InterruptedException {
    HistoryPass pass = new HistoryPass(lead, waiting, feeds, metrics);
    KafkaException failure = null;
    try {
      pass.walk(messages);
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      failure = e;
    }
    if (pass.hasProgressed()) {
      pass.answer();
      kafkaAnswered();
    } else if (!lead.isDone()) {
      noProgress(lead, pass, failure);
    } // else the lead was cancelled; the next pass serves the remaining requests
  }

  /** Kafka returned no record at the beginning of the lead's range. */
  private void noProgress(HistoryRequest lead, HistoryPass pass, @Nullable KafkaException failure)
      throws InterruptedException {
    try {
      if (failure instanceof OffsetOutOfRangeException) {
        pass.answerMissing(messages.beginning(lead.partition()));
        if (!lead.isDone()) {
          lead.fail(endsBefore(lead));
        }
      } else if (failure != null) {
        throw failure;
      } else if (messages.end(lead.partition()) <= lead.through()) {
        lead.fail(endsBefore(lead));
      } // else Kafka is slow: the next pass waits for the same fetch, which is on its way
      kafkaAnswered();
    } catch (WakeupException e) {
      throw e;
    } catch (RetriableException e) {
      awaitKafka(lead, e);
    } catch (KafkaException e) {
      lead.fail(e);
    }
  }

  private static IllegalStateException endsBefore(HistoryRequest lead) {
    return new IllegalStateException(
        "messages, partition %d: ends before offset %d (expected: a position that was delivered to be there). See whether Kafka lost messages: unclean leader election, or a topic that was deleted."
            .formatted(lead.partition(), lead.through()));
  }

  private void kafkaAnswered() {
    if (backoffMillis > 0) {
      log.info("messages are read again waiting={}", waiting.size());
      backoffMillis = 0;
    }
  }

  /** Waits before the next attempt. Logs one line when Kafka goes away; one when it is back. */
  private void awaitKafka(HistoryRequest lead, RetriableException cause)
      throws InterruptedException {
    if (backoffMillis == 0) {
      log.warn(
          "messages not read, trying until Kafka answers partition={} waiting={} reason=\"{}\"",
          lead.partition(),
          waiting.size(),
          cause.getMessage());
    }
    waiting.remove(lead);
    waiting.add(lead); // the partition of the next request may be available
    backoffMillis = Math.clamp(2 * backoffMillis, BACKOFF_MIN_MILLIS, BACKOFF_MAX_MILLIS);
    var _ = stopping.await(backoffMillis, TimeUnit.MILLISECONDS);
  }

  private void end(@Nullable Throwable cause) {
    if (cause == null) {
      terminated.complete(null);
    } else {
      terminated.completeExceptionally(cause);
    }
    waiting.forEach(request -> request.fail(closed()));
    waiting.clear();
    failArriving();
  }

  /** Fails new requests. After the end, the thread that adds a request calls this itself. */
  private void failArriving() {
    HistoryRequest request = arriving.poll();
    while (request != null) {
      request.fail(closed());
      request = arriving.poll();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the reader of messages is closed");
  }
}
