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
 * The schemas of a registry by id, in addition to the fixed ones. Each query for an id runs on a
 * virtual thread of its own; {@link #get} never waits for it. Thread-safe.
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
 * <p>A reader that believes "no such schema" drops records. So only two answers count as "no such
 * schema": the registry's own error code, and a schema that the registry declares not to be Avro.
 * The registry has to give such an answer several times in a row, because a replica may lag behind
 * the replica that a producer registered with. The id is queried again a minute later. Every other
 * answer, from a time-out to a proxy's page, means "not now".
 *
 * <p>At most {@value #IDS_MAX} ids are cached or being queried; at this limit the answered ids are
 * forgotten. At most {@value #QUERIES_MAX} queries run at a time.
 */
final class RegisteredSchemas implements WriterSchemas {

  private static final Logger log = LoggerFactory.getLogger(RegisteredSchemas.class);

  private static final int IDS_MAX = 1_000;
  private static final int QUERIES_MAX = 8;
  private static final int ABSENT_TIMES = 3;

  /**
   * The pauses after an answer without a schema.
   *
   * @param firstMillis the pause before the second query; doubles with each query without an answer
   * @param lastMillis the longest pause after a query without an answer
   * @param absentMillis the time for which an absent schema is believed to be absent
   */
  record Pauses(long firstMillis, long lastMillis, long absentMillis) {
    static final Pauses DEFAULT = new Pauses(1_000, 15_000, 60_000);
  }

  /**
   * The state of one id.
   *
   * @param schema the schema; null while it is unknown
   * @param problem why there is no schema
   * @param absentTimes how often in a row the registry answered that there is no such schema
   * @param nextQueryNanos the earliest time of the next query, of {@link System#nanoTime}
   * @param pauseMillis the pause between the last query and the next one
   * @param answered completes when the query in progress has been answered
   */
  private record Entry(
      @Nullable Schema schema,
      String problem,
      int absentTimes,
      long nextQueryNanos,
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

    Entry queried(CompletableFuture<Void> willBeAnswered) {
      return new Entry(null, problem, absentTimes, nextQueryNanos, pauseMillis, willBeAnswered);
    }

    /** False while a query is in progress, since its answer may differ. */
    boolean isAbsent() {
      return absentTimes >= ABSENT_TIMES && answered.isDone();
    }

    boolean isQueryDue() {
      return schema == null && answered.isDone() && System.nanoTime() - nextQueryNanos >= 0;
    }
  }

  private final RegistryConfig config;
  private final RegistryClient client;
  private final Pauses pauses;
  private final Semaphore queries = new Semaphore(QUERIES_MAX);
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
    if (entry == null || entry.isQueryDue()) {
      entry = query(id);
    }
    if (entry.schema != null) {
      return entry.schema;
    }
    if (entry.isAbsent()) {
      throw new MalformedRecordException(
          "schema id %d: %s (expected: an id of an Avro schema that the registry at %s has)"
              .formatted(id, entry.problem, config.maskedUrl()));
    }
    throw new SchemaPendingException(
        "schema id %d is not known yet; asking %s%s"
            .formatted(id, config.maskedUrl(), entry.problem.isEmpty() ? "" : ": " + entry.problem),
        entry.answered);
  }

  /** The number of queries without an answer that can be believed. */
  LongAdder unanswered() {
    return unanswered;
  }

  /** The number of answers that there is no such schema. */
  LongAdder absent() {
    return absent;
  }

  private Entry query(int id) {
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
              return last.isQueryDue() ? startQuery(id, last) : last;
            }));
  }

  private Entry startQuery(int id, Entry last) {
    var answered = new CompletableFuture<Void>();
    Thread.ofVirtual()
        .name("schema-" + id)
        .start(
            () -> {
              Entry answer;
              try {
                answer = answer(id, last);
              } catch (Throwable e) {
                // Only this thread ends. The id is queried again, like every id without an answer.
                log.error("schema not asked for id={}", id, e);
                answer = unanswered(e.toString(), last);
              }
              entries.put(id, answer);
              answered.complete(null);
            });
    return last.queried(answered);
  }

  private Entry answer(int id, Entry last) {
    queries.acquireUninterruptibly();
    try {
      return client
          .schema(id)
          .map(Entry::known)
          .orElseGet(() -> absent(id, "the registry has no such schema", last));
    } catch (ForeignSchemaException e) {
      return absent(id, String.valueOf(e.getMessage()), last);
    } catch (RuntimeException e) {
      Entry entry = unanswered(String.valueOf(e.getMessage()), last);
      warn(id, entry);
      return entry;
    } finally {
      queries.release();
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

  private Entry unanswered(String problem, Entry last) {
    unanswered.increment();
    long doubledMillis = last.absentTimes > 0 ? 0 : last.pauseMillis * 2;
    long pauseMillis = Math.clamp(doubledMillis, pauses.firstMillis, pauses.lastMillis);
    return Entry.failed(problem, 0, pauseMillis);
  }

  /** Logs at most one line a second: anybody can write records with unknown ids. */
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
