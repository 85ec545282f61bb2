// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import io.pabal.schemas.FixedSchemas;
import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SchemaPendingException;
import io.pabal.schemas.WriterSchemas;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas of a registry by id, beside the fixed ones. An id is asked for on a virtual thread of
 * its own; {@link #get} never waits for it.
 *
 * <pre>
 *   unknown ──get──▶ ASKED ──a schema──▶ KNOWN
 *                    │   ▲
 *    any other answer│   │ get, after a pause that doubles
 *                    ▼   │
 *                   FAILED ──{@value #ABSENT_TIMES} times in a row "no such schema"──▶ ABSENT
 *                        ▲                                                              │
 *                        └──────────────── get, a minute later ─────────────────────────┘
 * </pre>
 *
 * <p>Whoever believes "no such schema" drops records. So only the registry's own error code means
 * it, or a schema that the registry says is not Avro; it has to be said several times, because a
 * replica may lag behind the one that a producer registered with; and it is asked for again after a
 * while. Everything else, from a time-out to a proxy's page, means "not now".
 *
 * <p>At most {@value #IDS_MAX} ids are remembered or asked for; then those that were answered are
 * forgotten. {@value #QUESTIONS_MAX} are asked for at a time.
 */
final class RegisteredSchemas implements WriterSchemas {

  private static final Logger log = LoggerFactory.getLogger(RegisteredSchemas.class);

  private static final int IDS_MAX = 1_000;
  private static final int QUESTIONS_MAX = 8;
  private static final int ABSENT_TIMES = 3;

  /**
   * How long an answer that is no schema holds.
   *
   * @param firstMillis before the second question; doubles with each that is not answered
   * @param lastMillis the longest pause between questions that are not answered
   * @param absentMillis how long it is believed that there is no such schema
   */
  record Pauses(long firstMillis, long lastMillis, long absentMillis) {
    static final Pauses DEFAULT = new Pauses(1_000, 15_000, 60_000);
  }

  /**
   * What is known of one id.
   *
   * @param problem why there is no schema
   * @param absentTimes how often in a row the registry said that there is none
   * @param againNanos when the next question may be asked
   * @param pauseMillis how long after the last question that is
   * @param answered completes when the question that is under way was answered
   */
  private record Entry(
      @Nullable Schema schema,
      String problem,
      int absentTimes,
      long againNanos,
      long pauseMillis,
      CompletableFuture<Void> answered) {

    static final Entry NONE = failed("", 0, 0);

    static Entry known(Schema schema) {
      return new Entry(schema, "", 0, 0, 0, CompletableFuture.completedFuture(null));
    }

    static Entry failed(String problem, int absentTimes, long pauseMillis) {
      return new Entry(
          null,
          problem,
          absentTimes,
          System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis),
          pauseMillis,
          CompletableFuture.completedFuture(null));
    }

    Entry asked(CompletableFuture<Void> willBeAnswered) {
      return new Entry(null, problem, absentTimes, againNanos, pauseMillis, willBeAnswered);
    }

    /** While it is asked for again, nothing is believed. */
    boolean isAbsent() {
      return absentTimes >= ABSENT_TIMES && answered.isDone();
    }

    boolean isToBeAsked() {
      return schema == null && answered.isDone() && System.nanoTime() - againNanos >= 0;
    }
  }

  private final RegistryConfig config;
  private final RegistryClient client;
  private final Pauses pauses;
  private final Semaphore questions = new Semaphore(QUESTIONS_MAX);
  private final ConcurrentHashMap<Integer, Entry> entries = new ConcurrentHashMap<>();
  private final LongAdder unanswered = new LongAdder();
  private final LongAdder absent = new LongAdder();
  private final AtomicLong nextLogNanos = new AtomicLong(System.nanoTime());

  RegisteredSchemas(RegistryConfig config, RegistryClient client) {
    this(config, client, Pauses.DEFAULT);
  }

  RegisteredSchemas(RegistryConfig config, RegistryClient client, Pauses pauses) {
    this.config = config;
    this.client = client;
    this.pauses = pauses;
  }

  @Override
  public Schema get(int id) {
    Schema fixed = FixedSchemas.INSTANCE.find(id);
    if (fixed != null) {
      return fixed;
    }
    Entry entry = entries.get(id);
    if (entry == null || entry.isToBeAsked()) {
      entry = ask(id);
    }
    if (entry.schema != null) {
      return entry.schema;
    }
    if (entry.isAbsent()) {
      throw new MalformedRecordException(
          "schema id %d: %s (expected: an id of an Avro schema that the registry at %s has)"
              .formatted(id, entry.problem, config.shown()));
    }
    throw new SchemaPendingException(
        "schema id %d is not known yet; asking %s%s"
            .formatted(id, config.shown(), entry.problem.isEmpty() ? "" : ": " + entry.problem),
        entry.answered);
  }

  /** Questions that got no answer which can be believed. */
  LongAdder unanswered() {
    return unanswered;
  }

  /** Answers that there is no such schema. */
  LongAdder absent() {
    return absent;
  }

  private Entry ask(int id) {
    if (entries.size() >= IDS_MAX) {
      entries.values().removeIf(entry -> entry.answered.isDone());
      if (entries.size() >= IDS_MAX) {
        return Entry.failed("too many others are being asked for", 0, 0);
      }
    }
    return Objects.requireNonNull(
        entries.compute(
            id,
            (key, before) -> {
              Entry last = before == null ? Entry.NONE : before;
              return last.isToBeAsked() ? asked(id, last) : last;
            }));
  }

  private Entry asked(int id, Entry last) {
    var answered = new CompletableFuture<Void>();
    Thread.ofVirtual()
        .name("schema-" + id)
        .start(
            () -> {
              Entry answer;
              try {
                answer = answer(id, last);
              } catch (Throwable e) {
                // Ends this thread only. The id is asked for again, like any that got no answer.
                log.error("schema not asked for id={}", id, e);
                answer = notNow(e.toString(), last);
              }
              entries.put(id, answer);
              answered.complete(null);
            });
    return last.asked(answered);
  }

  private Entry answer(int id, Entry last) {
    questions.acquireUninterruptibly();
    try {
      return client
          .schema(id)
          .map(Entry::known)
          .orElseGet(() -> absent(id, "the registry has no such schema", last));
    } catch (ForeignSchemaException e) {
      return absent(id, String.valueOf(e.getMessage()), last);
    } catch (RuntimeException e) {
      Entry entry = notNow(String.valueOf(e.getMessage()), last);
      warn(id, entry);
      return entry;
    } finally {
      questions.release();
    }
  }

  private Entry absent(int id, String problem, Entry last) {
    absent.increment();
    int times = Math.min(ABSENT_TIMES, last.absentTimes + 1);
    Entry entry =
        Entry.failed(
            problem, times, times < ABSENT_TIMES ? pauses.firstMillis : pauses.absentMillis);
    warn(id, entry);
    return entry;
  }

  private Entry notNow(String problem, Entry last) {
    unanswered.increment();
    long doubledMillis = last.absentTimes > 0 ? 0 : last.pauseMillis * 2;
    long pauseMillis = Math.clamp(doubledMillis, pauses.firstMillis, pauses.lastMillis);
    return Entry.failed(problem, 0, pauseMillis);
  }

  /** At most one line a second: anybody can write records with ids that nobody knows. */
  private void warn(int id, Entry entry) {
    long nowNanos = System.nanoTime();
    long nextNanos = nextLogNanos.get();
    if (nowNanos - nextNanos >= 0
        && nextLogNanos.compareAndSet(nextNanos, nowNanos + TimeUnit.SECONDS.toNanos(1))) {
      log.warn(
          "schema not found id={} reason=\"{}\" againMillis={} unanswered={} absent={}",
          id,
          entry.problem,
          entry.pauseMillis,
          unanswered.sum(),
          absent.sum());
    }
  }
}
