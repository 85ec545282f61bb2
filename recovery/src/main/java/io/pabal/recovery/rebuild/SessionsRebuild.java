// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.rebuild;

import io.pabal.recovery.Answers;
import io.pabal.recovery.scan.TopicScan;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.topic.Feeds;
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
 * Writes sessions with their subscriptions and cursors again, from the topic {@code sessions}.
 * {@link SessionRebuild} explains why sessions that are live or have returned meanwhile do not
 * change.
 *
 * <p>A cursor is as recent as the last event that contains it. It is exact when the connector
 * reported the end of the connection. When the connector was killed, it is the cursor of the last
 * progress report, and messages acknowledged after that report are sent again. Memory holds the
 * sessions of one partition at a time. For one thread; blocks.
 */
public final class SessionsRebuild {

  /**
   * The result so far.
   *
   * @param events events read
   * @param written sessions written
   * @param present sessions of which Redis had an equal or newer state
   * @param inexact written sessions without an event about the end of their connection: their
   *     clients may get messages again that they acknowledged after the last progress report
   * @param undecodable records that are not events and were skipped: their sessions may be wrong or
   *     missing
   * @param firstUndecodable the place of the first undecodable record, {@code sessions-3-1042};
   *     null: none
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
  private final Feeds feeds;
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
   * @param feeds the division of addresses into feeds
   * @param dryRun whether nothing is written: sessions that would be written count as written
   */
  public SessionsRebuild(
      Consumer<byte[], byte[]> consumer,
      AvroCodec<SessionEvent> codec,
      SessionRebuild redis,
      Feeds feeds,
      boolean dryRun) {
    this.scan = new TopicScan(consumer);
    this.codec = codec;
    this.redis = redis;
    this.feeds = feeds;
    this.dryRun = dryRun;
  }

  /**
   * Reads the events of one partition and writes its sessions.
   *
   * @param clients accepts the client identifiers of the sessions to write
   * @param progress receives the number of offsets read, after each poll that read some
   * @throws SchemaPendingException when the registry does not return an event's schema within
   *     {@value #SCHEMA_SECONDS_MAX} s; no session of this partition was written
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
            if (record.key() == null || !event.getClientId().equals(clientId)) {
              throw new MalformedRecordException("sessions: another key than its client id");
            }
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

  /** The result so far. */
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
      Optional<RebuiltSession> rebuilt = session.rebuilt(nowMillis, feeds);
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
