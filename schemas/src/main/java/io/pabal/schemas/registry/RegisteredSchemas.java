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
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas of a registry by id, beside the fixed ones. An id is asked for once, on a virtual
 * thread of its own, and then known; {@link #get} never waits for it.
 *
 * <pre>
 *   unknown ──get──▶ ASKED ──answer──▶ KNOWN
 *                    │   ▲
 *          no answer │   │ get, {@value #PAUSE_MILLIS} ms later
 *                    ▼   │
 *                   FAILED ──{@value #ABSENT_TIMES} times "no such id" in a row──▶ ABSENT (until forgotten)
 * </pre>
 *
 * <p>"No such id" is believed only when it is said several times: a registry's replica may lag
 * behind the one that a producer registered with, and who believes it drops records. At most
 * {@value #IDS_MAX} ids are remembered or asked for; then those that were answered are forgotten.
 * {@value #QUESTIONS_MAX} are asked for at a time.
 */
final class RegisteredSchemas implements WriterSchemas {

  private static final Logger log = LoggerFactory.getLogger(RegisteredSchemas.class);

  private static final int IDS_MAX = 1_000;
  private static final int QUESTIONS_MAX = 8;
  private static final int ABSENT_TIMES = 3;
  private static final long PAUSE_MILLIS = 1_000;

  /**
   * What is known of one id.
   *
   * @param problem why the last question was not answered
   * @param absentTimes how often in a row the registry said that it has no such id
   * @param answered completes when the question that is under way was answered
   */
  private record Entry(
      @Nullable Schema schema,
      String problem,
      int absentTimes,
      long atNanos,
      CompletableFuture<Void> answered) {

    static Entry known(Schema schema) {
      return new Entry(schema, "", 0, System.nanoTime(), CompletableFuture.completedFuture(null));
    }

    static Entry failed(String problem, int absentTimes) {
      return new Entry(
          null, problem, absentTimes, System.nanoTime(), CompletableFuture.completedFuture(null));
    }

    boolean isAbsent() {
      return absentTimes >= ABSENT_TIMES;
    }

    boolean isToBeAsked() {
      return schema == null
          && !isAbsent()
          && answered.isDone()
          && System.nanoTime() - atNanos >= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
    }
  }

  private final RegistryConfig config;
  private final RegistryClient client;
  private final Semaphore questions = new Semaphore(QUESTIONS_MAX);
  private final ConcurrentHashMap<Integer, Entry> entries = new ConcurrentHashMap<>();

  RegisteredSchemas(RegistryConfig config, RegistryClient client) {
    this.config = config;
    this.client = client;
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
          "schema id %d (expected: an id that the registry at %s has)"
              .formatted(id, config.shown()));
    }
    throw new SchemaPendingException(
        "schema id %d is not known yet; asking %s%s"
            .formatted(id, config.shown(), entry.problem.isEmpty() ? "" : ": " + entry.problem),
        entry.answered);
  }

  private Entry ask(int id) {
    if (entries.size() >= IDS_MAX) {
      entries.values().removeIf(entry -> entry.answered.isDone());
      if (entries.size() >= IDS_MAX) {
        return Entry.failed("too many others are being asked for", 0);
      }
    }
    return Objects.requireNonNull(
        entries.compute(
            id,
            (key, before) -> before != null && !before.isToBeAsked() ? before : asked(id, before)));
  }

  private Entry asked(int id, @Nullable Entry before) {
    var answered = new CompletableFuture<Void>();
    int absentTimes = before == null ? 0 : before.absentTimes;
    Thread.ofVirtual()
        .name("schema-" + id)
        .start(
            () -> {
              entries.put(id, answer(id, absentTimes));
              answered.complete(null);
            });
    return new Entry(
        null, before == null ? "" : before.problem, absentTimes, System.nanoTime(), answered);
  }

  private Entry answer(int id, int absentTimes) {
    Entry answer;
    questions.acquireUninterruptibly();
    try {
      answer =
          client
              .schema(id)
              .map(Entry::known)
              .orElseGet(() -> Entry.failed("it has no such id", absentTimes + 1));
    } catch (RuntimeException e) {
      answer = Entry.failed(String.valueOf(e.getMessage()), 0);
    } finally {
      questions.release();
    }
    if (answer.schema == null) {
      log.warn("schema not found id={} reason=\"{}\"", id, answer.problem);
    }
    return answer;
  }
}
