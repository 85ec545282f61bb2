// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.sessioncache.session.RebuiltSession;
import io.pabal.sessioncache.session.SessionRebuild;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes sessions again from the topic {@code sessions}: who is subscribed to what, and how far
 * each has come. {@link SessionRebuild} tells why those that are live, or came back meanwhile, stay
 * as they are.
 *
 * <p>A cursor is as new as the last event that told it: exact when the connection ended in good
 * order or its connector noticed; otherwise (the connector was killed) as new as the last report of
 * progress, and what was acknowledged since is sent again. Sessions are kept in memory one
 * partition at a time.
 */
public final class SessionsRebuild {

  /**
   * What was done.
   *
   * @param events read
   * @param written sessions that were written
   * @param present sessions of which Redis had something as new or newer
   * @param inexact of those written, sessions whose connection did not end with a word: they may
   *     get again what they acknowledged after their last report of progress
   * @param undecodable records that are no events and were passed over: a session of theirs may be
   *     wrong or not there
   * @param firstUndecodable the place of the first of them, {@code sessions-3-1042}; null: none
   */
  public record Report(
      long events,
      long written,
      long present,
      long inexact,
      long undecodable,
      @Nullable String firstUndecodable) {}

  private static final int SCHEMA_SECONDS_MAX = 15;
  private static final int SCHEMA_POLL_MILLIS = 200;

  private record Outcome(boolean written, boolean exact) {}

  private final TopicScan scan;
  private final AvroCodec<SessionEvent> codec;
  private final SessionRebuild redis;
  private final boolean dryRun;
  private long events;
  private long written;
  private long present;
  private long inexact;
  private long undecodable;
  private @Nullable String firstUndecodable;

  /**
   * A rebuild; the consumer belongs to the caller.
   *
   * @param dryRun whether only to look: what would be written counts as written
   */
  public SessionsRebuild(
      Consumer<byte[], byte[]> consumer,
      AvroCodec<SessionEvent> codec,
      SessionRebuild redis,
      boolean dryRun) {
    this.scan = new TopicScan(consumer);
    this.codec = codec;
    this.redis = redis;
    this.dryRun = dryRun;
  }

  /**
   * Reads one partition's events and writes its sessions.
   *
   * @throws SchemaPendingException when the registry does not tell an event's schema within {@value
   *     #SCHEMA_SECONDS_MAX} s; nothing of this partition was written
   */
  public void partition(
      TopicPartition source, long from, long to, Predicate<String> clients, LongConsumer progress) {
    Map<String, SessionHistory> sessions = new HashMap<>();
    scan.read(
        source,
        from,
        to,
        record -> {
          String clientId = record.key() == null ? "" : Utils.utf8(record.key());
          if (!clients.test(clientId)) {
            return;
          }
          try {
            SessionEvent event = decode(record.value());
            sessions
                .computeIfAbsent(clientId, SessionHistory::new)
                .take(event, atMillis(record, event));
            events++;
          } catch (MalformedRecordException _) {
            undecodable++;
            if (firstUndecodable == null) {
              firstUndecodable = source + "-" + record.offset();
            }
          }
        },
        progress);
    write(sessions);
  }

  /** What was done until now. */
  public Report report() {
    return new Report(events, written, present, inexact, undecodable, firstUndecodable);
  }

  /**
   * When an event came, by the brokers' clock; by that of the process that wrote it where the topic
   * did not have the brokers' times then.
   */
  private static long atMillis(ConsumerRecord<byte[], byte[]> record, SessionEvent event) {
    return record.timestampType() == TimestampType.LOG_APPEND_TIME
        ? record.timestamp()
        : event.getAt().toEpochMilli();
  }

  /** An event is left out only when the registry denies its schema, not when it is slow to tell. */
  private SessionEvent decode(byte @Nullable [] value) {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(SCHEMA_SECONDS_MAX);
    while (true) {
      try {
        return codec.decodeAwaiting(value);
      } catch (SchemaPendingException e) {
        if (System.nanoTime() - deadlineNanos > 0) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SCHEMA_POLL_MILLIS));
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  private void write(Map<String, SessionHistory> sessions) {
    long nowMillis = BrokerTime.millis();
    Answers<Outcome> answers =
        new Answers<>(
            outcome -> {
              if (outcome.written()) {
                written++;
                inexact += outcome.exact() ? 0 : 1;
              } else {
                present++;
              }
            });
    for (SessionHistory session : sessions.values()) {
      Optional<RebuiltSession> rebuilt = session.rebuilt(nowMillis);
      if (rebuilt.isPresent()) {
        boolean exact = session.isExact();
        answers.add(
            (dryRun ? redis.wouldRebuild(rebuilt.get()) : redis.rebuild(rebuilt.get()))
                .thenApply(done -> new Outcome(done, exact)));
      }
    }
    answers.drain();
  }
}
