// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.schemas.Codecs;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SessionEvent;
import io.pabal.sessioncache.session.RebuiltSession;
import io.pabal.sessioncache.session.SessionRebuild;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

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
   */
  public record Report(long events, long written, long present, long inexact) {}

  private record Outcome(boolean written, boolean exact) {}

  private final TopicScan scan;
  private final SessionRebuild redis;
  private final boolean dryRun;
  private long events;
  private long written;
  private long present;
  private long inexact;

  /**
   * A rebuild; the consumer belongs to the caller.
   *
   * @param dryRun whether only to look: everything that is kept counts as written
   */
  public SessionsRebuild(Consumer<byte[], byte[]> consumer, SessionRebuild redis, boolean dryRun) {
    this.scan = new TopicScan(consumer);
    this.redis = redis;
    this.dryRun = dryRun;
  }

  /** Reads one partition's events and writes its sessions. */
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
            SessionEvent event = Codecs.SESSION_EVENT.decode(record.value());
            sessions.computeIfAbsent(clientId, SessionHistory::new).take(event);
            events++;
          } catch (MalformedRecordException _) {
            // Not an event; whoever wrote it, no session can be made of it.
          }
        },
        progress);
    write(sessions);
  }

  /** What was done until now. */
  public Report report() {
    return new Report(events, written, present, inexact);
  }

  private void write(Map<String, SessionHistory> sessions) {
    long nowMillis = System.currentTimeMillis();
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
            (dryRun ? CompletableFuture.completedStage(true) : redis.rebuild(rebuilt.get()))
                .thenApply(done -> new Outcome(done, exact)));
      }
    }
    answers.drain();
  }
}
