// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import io.pabal.telemetry.FatalError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a producer that failed, and when it failed by a record sends again what it left
 * unanswered. Runs on a thread of its own while the ingress is closed.
 *
 * <h2>Why the order holds, and nothing is skipped</h2>
 *
 * <p>The failed producer was closed inside the callback of the refused record, on the thread that
 * sends: no later record of that partition left it (one request at a time). Its close answers every
 * other record with a failure, and each of them is kept. They are sent again in the order of their
 * appending, before any new message is: an event loop that still holds the failed producer finds it
 * closed, and its record is kept behind the others. A record that another broker had taken in that
 * moment is in Kafka twice, with those of its publisher behind it, as when a client sends again.
 *
 * <p>Which record of a batch was refused, Kafka does not always say. So the records of the failed
 * batch, and what was appended before them in their partition, are sent one by one, each alone in
 * its batch and answered before the next: what is refused alone is refused for itself. Nothing is
 * queued behind it, so it leaves no hole. Its publisher is told (or closed, and then its later
 * messages are not sent: the client sends them again), and nobody else. A batch ends within {@value
 * MessageProducer#BATCH_BYTES} bytes, so these are few. Each round finds at least one such record,
 * and nothing new comes in meanwhile, so the rounds end.
 */
final class Replacement {

  private static final Logger log = LoggerFactory.getLogger(Replacement.class);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Ingress ingress;
  private final RecordLimit limit;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final BooleanSupplier stopping;

  Replacement(
      Ingress ingress,
      RecordLimit limit,
      Supplier<Producer<byte[], byte[]>> producers,
      BooleanSupplier stopping) {
    this.ingress = ingress;
    this.limit = limit;
    this.producers = producers;
    this.stopping = stopping;
  }

  /** Returns a lane that has taken over from {@code failed}; null when the ingress is closed. */
  @Nullable Lane replace(Lane failed) {
    // Returns when the old one has answered for every append that it had.
    close(failed);
    if (failed.failedByRecord()) {
      limit.refresh();
    }
    while (true) {
      Lane fresh = next();
      if (fresh == null) {
        return null;
      }
      if (sendAgain(failed, fresh)) {
        return fresh;
      }
      close(fresh);
    }
  }

  private static void close(Lane lane) {
    try {
      lane.close(Ingress.CLOSE_TIMEOUT);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      log.warn("producer not closed in good order reason=\"{}\"", e.toString());
    }
  }

  private @Nullable Lane next() {
    while (!stopping.getAsBoolean()) {
      try {
        return new Lane(producers.get());
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
        // Whatever it is: without a producer nobody can publish, so it has to be tried again.
        log.warn("no new producer yet reason=\"{}\"", e.toString());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return null;
  }

  /** False when {@code fresh} has failed, too: what it was to send has failed with it. */
  private boolean sendAgain(Lane failed, Lane fresh) {
    while (true) {
      List<RecordUnderWay> left = failed.takeOrHandOver(() -> ingress.use(fresh));
      if (left.isEmpty()) {
        return true;
      }
      log.info("sending again records={}", left.size());
      try {
        sendAgain(left, fresh);
      } catch (Throwable e) {
        FatalError.endProcessIf(e);
        // Whatever it is: nobody may wait for an answer for ever.
        Exception cause = e instanceof Exception exception ? exception : new KafkaException(e);
        log.warn("appending failed, publishers that wait are closed", cause);
        left.forEach(each -> ingress.answer(each, Ingress.NO_METADATA, cause));
        return false;
      }
    }
  }

  private void sendAgain(List<RecordUnderWay> left, Lane fresh) throws Exception {
    Map<Integer, Long> lastSuspect = new HashMap<>();
    left.stream()
        .filter(RecordUnderWay::isSuspect)
        .forEach(each -> lastSuspect.merge(each.partition(), each.order(), Math::max));
    List<RecordUnderWay> others = new ArrayList<>(left.size());
    for (RecordUnderWay each : left) {
      if (!isDoubtful(each, lastSuspect)) {
        others.add(each);
      } else if (isWorthSending(each)) {
        alone(each, fresh);
      }
    }
    for (RecordUnderWay each : others) {
      if (isWorthSending(each)) {
        ingress.send(each, fresh);
      }
    }
  }

  private static boolean isDoubtful(RecordUnderWay record, Map<Integer, Long> lastSuspect) {
    Long last = lastSuspect.get(record.partition());
    return last != null && record.order() <= last;
  }

  /** Answers what need not be sent. */
  private boolean isWorthSending(RecordUnderWay record) {
    int bytesMax = limit.bytesMax();
    if (record.isAbandoned()) {
      ingress.answer(record, Ingress.NO_METADATA, Ingress.abandoned());
      return false;
    }
    if (record.bytes() > bytesMax) {
      ingress.refuse(record, AppendRefusedException.tooLarge(record.bytes(), bytesMax));
      return false;
    }
    return true;
  }

  /** Sends a record alone; throws when Kafka takes nothing. */
  private void alone(RecordUnderWay record, Lane fresh) throws Exception {
    try {
      ingress.answer(record, fresh.producer().send(record.record()).get(), null);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (!Lane.isRecordsOwn(cause)) {
        throw cause instanceof Exception exception ? exception : e;
      }
      ingress.refuseFor(record, cause);
    }
  }
}
