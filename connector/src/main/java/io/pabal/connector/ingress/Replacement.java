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
 * Replaces a producer that failed. When the producer failed because Kafka refused a record, sends
 * its unanswered records again. Runs on a thread of its own while the ingress is closed.
 *
 * <h2>Why the order holds, and no message is skipped</h2>
 *
 * <p>The failed producer was closed inside the callback of the refused record, on the producer's
 * own sending thread. The producer has one request at a time under way, so it sent no later record
 * of that partition. Its close answers every other record with a failure, and each of these records
 * is kept. They are sent again in the order in which they were appended, and before any new
 * message: an event loop that still uses the failed producer finds it closed, and its record is
 * kept behind the others. A record that another broker had accepted at that moment is in Kafka
 * twice, followed by the later records of its publisher, as when a client sends them again.
 *
 * <p>Kafka does not always say which record of a batch it refused. So the records of the failed
 * batch, and the records that were appended before them in their partition, are sent one by one:
 * each is alone in its batch, and is answered before the next one is sent. A record that is refused
 * alone is refused for itself. No record is queued behind it, so it leaves no hole. Only its
 * publisher gets the refusal; where the connection does not survive it, the connection is closed,
 * and the publisher's later messages are not sent, because the client sends them again. A batch of
 * several records has at most {@value MessageProducer#BATCH_BYTES} bytes, so these records are few.
 * Each round finds at least one such record, and no new message is appended meanwhile, so the
 * rounds end.
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

  /**
   * Returns a lane that has taken over from {@code failed}; null when the ingress stops. Blocks
   * until then, and tries again every second while no producer can be created.
   */
  @Nullable Lane replace(Lane failed) {
    // Returns when the old producer has answered all its records.
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
        // Every failure is caught and tried again: without a producer no client can publish.
        log.warn("no new producer yet reason=\"{}\"", e.toString());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return null;
  }

  /**
   * Sends the records that {@code failed} has kept through {@code fresh}, until none is left.
   * Returns false when {@code fresh} has failed, too: then these records have failed with it.
   */
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
        // Every failure is caught and answered: no publisher may wait for an answer for ever.
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
        sendAlone(each, fresh);
      }
    }
    for (RecordUnderWay each : others) {
      if (isWorthSending(each)) {
        ingress.send(each, fresh);
      }
    }
  }

  /** Whether the record was appended in its partition no later than a suspect record. */
  private static boolean isDoubtful(RecordUnderWay record, Map<Integer, Long> lastSuspect) {
    Long last = lastSuspect.get(record.partition());
    return last != null && record.order() <= last;
  }

  /** Whether the record has to be sent; gives it its final answer when it need not be. */
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

  /**
   * Sends a record alone in its batch and waits for the answer. Throws when the record fails for a
   * reason that concerns other records, too.
   */
  private void sendAlone(RecordUnderWay record, Lane fresh) throws Exception {
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
