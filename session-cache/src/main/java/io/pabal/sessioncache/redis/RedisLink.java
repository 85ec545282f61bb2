// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.pabal.sessioncache.redis.Primaries.Primary;
import io.pabal.telemetry.Meters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One pipelined connection to Redis: to its primary, or to all primaries of a cluster. Keys are
 * UTF-8 text, values are bytes. The keys of a call have the same hash tag ({@link HashTags}).
 *
 * <p>Thread-safe. Calls do not block; stages complete on a Lettuce thread. A stage fails when the
 * connection to the keys' primary is down, when Redis does not reply within the command timeout, or
 * when Redis replies with an error.
 *
 * <p>A script that a cluster refuses because it is moving the slot of the keys (TRYAGAIN) has not
 * run. It is sent again for {@value #RETRY_MILLIS_MAX} ms, behind the scripts that were called
 * meanwhile; at most {@value #RETRIES_MAX} scripts wait for that.
 */
public final class RedisLink {

  static final long RETRY_MILLIS_MAX = 2_000;
  static final int RETRIES_MAX = 16_384;
  private static final long RETRY_DELAY_MILLIS = 25;

  /** The number of primaries that a problem names. */
  private static final int NAMED_MAX = 3;

  private static final String CURSOR_SEPARATOR = "/";
  private static final String POLICY = "maxmemory_policy:";

  private final RedisServer server;
  private final Primaries primaries;
  private final RedisFigures figures = new RedisFigures();
  private final AtomicInteger retries = new AtomicInteger();

  RedisLink(RedisServer server, Primaries primaries) {
    this.server = server;
    this.primaries = primaries;
  }

  /** Threads for short delayed work, which must not block. */
  public ScheduledExecutorService scheduler() {
    return server.scheduler();
  }

  /**
   * Whether several primaries share the keys, so that a script may use the keys of one hash tag
   * only.
   */
  public boolean isCluster() {
    return primaries.isCluster();
  }

  /** As {@link RedisServer#changes}. */
  public long changes() {
    return server.changes();
  }

  /** Whether the connection is open; of a cluster not known, and thus true. Any thread. */
  public boolean isOpen() {
    return primaries.isOpen();
  }

  /**
   * Why Redis does not serve this connection; empty while Redis does. Any thread; sends no command.
   * The result follows from the most recent {@link #probe} and the calls since then.
   */
  public Optional<String> problem() {
    // What a primary of a cluster replied says more than the topology does.
    return primaries.isCluster()
        ? figures.problem().or(primaries::problem)
        : primaries.problem().or(figures::problem);
  }

  /**
   * Runs a script that has every command of the calls on this connection, on every primary, and
   * keeps the result for {@link #problem}. Called every few seconds.
   *
   * @param keys the keys of the script with a hash tag
   * @return completes when each primary has replied or failed; exceptionally when all have failed
   */
  public CompletionStage<@Nullable Void> probe(LuaScript script, Function<String, String[]> keys) {
    List<Primary> all = primaries.all();
    List<String> problems = new ArrayList<>();
    List<CompletableFuture<?>> probes = new ArrayList<>();
    for (Primary primary : all) {
      probes.add(
          run(script, keys.apply(primary.tag()))
              .whenComplete((reply, failure) -> addProblem(problems, primary, failure))
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(
            probes.stream()
                .map(each -> each.exceptionally(failure -> null))
                .toArray(CompletableFuture<?>[]::new))
        .thenCompose(
            done -> {
              figures.probed(probes.isEmpty() ? "no primary is known" : summary(problems));
              boolean serves = problems.size() < all.size();
              return serves ? CompletableFuture.completedStage(null) : failureOf(probes);
            });
  }

  private static CompletionStage<@Nullable Void> failureOf(List<CompletableFuture<?>> probes) {
    return probes.isEmpty()
        ? CompletableFuture.failedStage(new IllegalStateException("no primary is known"))
        : probes.getFirst().thenApply(reply -> null);
  }

  private static void addProblem(
      List<String> problems, Primary primary, @Nullable Throwable failure) {
    if (failure != null) {
      String what = RedisProblem.describe(failure);
      synchronized (problems) {
        problems.add(
            primary.name().isEmpty()
                ? what
                : "primary %s, %d of %d slots: %s"
                    .formatted(primary.name(), primary.slots(), HashTags.SLOTS, what));
      }
    }
  }

  private static @Nullable String summary(List<String> problems) {
    synchronized (problems) {
      problems.sort(Comparator.naturalOrder());
      if (problems.isEmpty()) {
        return null;
      }
      String named = String.join("; ", problems.subList(0, Math.min(problems.size(), NAMED_MAX)));
      return problems.size() <= NAMED_MAX
          ? named
          : "%s; and %d more primaries".formatted(named, problems.size() - NAMED_MAX);
    }
  }

  /** Binds the metrics of this connection, with {@code name} as the tag {@code link}. */
  public void bindTo(Meters meters, String name) {
    figures.bindTo(meters.with("link", name));
  }

  /**
   * Runs a script by its digest, or by its text when Redis does not have the script (any more).
   * Scripts run in the order of the calls. The exception is a script that Redis has forgotten: it
   * is sent a second time, behind the scripts that were called meanwhile.
   *
   * @return the elements of the script's array reply: {@code byte[]}, {@code Long} or lists of
   *     these
   */
  public CompletionStage<List<Object>> run(LuaScript script, String[] keys, byte[]... arguments) {
    long begunNanos = figures.begun();
    return send(script, keys, arguments, begunNanos)
        .whenComplete((reply, failure) -> ended(begunNanos, failure));
  }

  private CompletionStage<List<Object>> send(
      LuaScript script, String[] keys, byte[][] arguments, long begunNanos) {
    CompletionStage<List<Object>> byDigest =
        primaries.commands().evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments);
    return byDigest.exceptionallyCompose(
        failure ->
            causeOf(failure) instanceof RedisNoScriptException
                ? sendText(script, keys, arguments, begunNanos)
                : again(failure, () -> send(script, keys, arguments, begunNanos), begunNanos));
  }

  private CompletionStage<List<Object>> sendText(
      LuaScript script, String[] keys, byte[][] arguments, long begunNanos) {
    CompletionStage<List<Object>> byText =
        primaries.commands().eval(script.text(), ScriptOutputType.MULTI, keys, arguments);
    return byText.exceptionallyCompose(
        failure -> again(failure, () -> send(script, keys, arguments, begunNanos), begunNanos));
  }

  /** Sends a script again that no primary has run, because its slot is moving. */
  private CompletionStage<List<Object>> again(
      Throwable failure, Supplier<CompletionStage<List<Object>>> attempt, long begunNanos) {
    if (!isMoving(failure)
        || System.nanoTime() - begunNanos > TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS_MAX)
        || retries.get() >= RETRIES_MAX) {
      return CompletableFuture.failedStage(failure);
    }
    CompletableFuture<List<Object>> result = new CompletableFuture<>();
    retries.incrementAndGet();
    try {
      var _ =
          scheduler()
              .schedule(
                  () -> {
                    retries.decrementAndGet();
                    attempt
                        .get()
                        .whenComplete(
                            (reply, next) -> {
                              if (next == null) {
                                result.complete(reply);
                              } else {
                                result.completeExceptionally(next);
                              }
                            });
                  },
                  RETRY_DELAY_MILLIS,
                  TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      retries.decrementAndGet();
      result.completeExceptionally(failure);
    }
    return result;
  }

  private boolean isMoving(Throwable failure) {
    return primaries.isCluster()
        && (RedisProblem.isTryAgain(failure)
            || (RedisProblem.isNotSent(failure) && primaries.isRedirecting()));
  }

  private void ended(long begunNanos, @Nullable Throwable failure) {
    figures.ended(begunNanos, failure);
    if (failure != null) {
      primaries.failed(failure);
    }
  }

  /**
   * The numbers in some keys.
   *
   * @param missing stands for the number of a key that does not exist
   * @param unknown stands for the number of a key whose primary does not reply, while others do
   * @return in the order of {@code keys}
   */
  public CompletionStage<long[]> numbers(String[] keys, long missing, long unknown) {
    if (!primaries.isCluster()) {
      long begunNanos = figures.begun();
      return primaries
          .commands()
          .mget(keys)
          .thenApply(
              found ->
                  found.stream()
                      .mapToLong(each -> each.hasValue() ? number(each.getValue()) : missing)
                      .toArray())
          .whenComplete((found, failure) -> ended(begunNanos, failure));
    }
    List<CompletableFuture<Long>> found = new ArrayList<>(keys.length);
    for (String key : keys) {
      long begunNanos = figures.begun();
      found.add(
          primaries
              .commands()
              .get(key)
              .thenApply(value -> value == null ? missing : number(value))
              .whenComplete((value, failure) -> ended(begunNanos, failure))
              .exceptionally(failure -> unknown)
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(found.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> found.stream().mapToLong(CompletableFuture::join).toArray());
  }

  /** The values of some fields of a hash, in the order of {@code fields}; empty where missing. */
  public CompletionStage<List<Optional<String>>> hashFields(String key, String... fields) {
    long begunNanos = figures.begun();
    return primaries
        .commands()
        .hmget(key, fields)
        .thenApply(found -> found.stream().map(RedisLink::textOf).toList())
        .whenComplete((found, failure) -> ended(begunNanos, failure));
  }

  /** All fields of a hash; none when the key does not exist. */
  public CompletionStage<Map<String, byte[]>> hash(String key) {
    return primaries.commands().hgetall(key);
  }

  /** The time to live of a key in seconds; negative when it has none, or does not exist. */
  public CompletionStage<Long> secondsToLive(String key) {
    return primaries.commands().ttl(key);
  }

  /**
   * One step of a walk ({@code SCAN}) over the keys of hashes that match a pattern, on one primary
   * after the other.
   *
   * @param cursor {@link KeyPage#START}, or {@link KeyPage#next} of the previous step
   * @param count the approximate number of keys that the step examines, matching or not
   */
  public CompletionStage<KeyPage> scanHashes(String cursor, String pattern, int count) {
    List<Primary> all =
        primaries.all().stream().sorted(Comparator.comparing(Primary::name)).toList();
    int separator = cursor.indexOf(CURSOR_SEPARATOR);
    String name = separator < 0 ? "" : cursor.substring(separator + 1);
    String own = separator < 0 ? cursor : cursor.substring(0, separator);
    Optional<Primary> at =
        all.stream().filter(each -> each.name().compareTo(name) >= 0).findFirst();
    if (at.isEmpty()) {
      return CompletableFuture.completedStage(new KeyPage(List.of(), KeyPage.START));
    }
    Primary primary = at.get();
    // The primary of the last step may be gone: its keys are those of another one.
    String from = primary.name().equals(name) ? own : KeyPage.START;
    return primary
        .commands()
        .thenCompose(
            commands ->
                commands.scan(
                    ScanCursor.of(from),
                    KeyScanArgs.Builder.matches(pattern).limit(count).type("hash")))
        .thenApply(
            page ->
                new KeyPage(
                    page.getKeys(),
                    page.isFinished() ? next(all, primary) : cursor(page.getCursor(), primary)));
  }

  private static String next(List<Primary> all, Primary primary) {
    int next = all.indexOf(primary) + 1;
    return next == all.size() ? KeyPage.START : cursor(KeyPage.START, all.get(next));
  }

  private static String cursor(String own, Primary primary) {
    return primary.name().isEmpty() ? own : own + CURSOR_SEPARATOR + primary.name();
  }

  /** The number of keys in the database. */
  public CompletionStage<Long> keyCount() {
    CompletionStage<Long> sum = CompletableFuture.completedStage(0L);
    for (Primary primary : primaries.all()) {
      CompletionStage<Long> count = primary.commands().thenCompose(commands -> commands.dbsize());
      sum = sum.thenCombine(count, Long::sum);
    }
    return sum;
  }

  /** The {@code maxmemory-policy} of each primary; a primary that does not say is left out. */
  public CompletionStage<List<String>> evictionPolicies() {
    CompletionStage<List<String>> policies = CompletableFuture.completedStage(List.of());
    for (Primary primary : primaries.all()) {
      CompletionStage<Optional<String>> policy =
          primary
              .commands()
              .thenCompose(commands -> commands.info("memory"))
              .thenApply(RedisLink::evictionPolicy)
              .exceptionally(failure -> Optional.empty());
      policies =
          policies.thenCombine(
              policy,
              (before, found) -> {
                List<String> all = new ArrayList<>(before);
                found.ifPresent(all::add);
                return all;
              });
    }
    return policies;
  }

  private static Optional<String> evictionPolicy(String info) {
    return info.lines()
        .filter(line -> line.startsWith(POLICY))
        .map(line -> line.substring(POLICY.length()).strip())
        .findFirst();
  }

  /** The number of primaries that have keys. */
  public int primaries() {
    return primaries.all().size();
  }

  /** The failure of a stage, without a wrapping {@link CompletionException}. */
  public static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException wrapper && wrapper.getCause() != null
        ? wrapper.getCause()
        : failure;
  }

  /** A script argument from text, in UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A script argument from a number, in decimal digits. */
  public static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }

  /** The text of a reply element. */
  public static String text(Object element) {
    return element instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(element);
  }

  /** The number in a reply element, which is an integer or a text. */
  public static long number(Object element) {
    return element instanceof Long number ? number : Long.parseLong(text(element));
  }

  private static Optional<String> textOf(KeyValue<String, byte[]> field) {
    return field.hasValue() ? Optional.of(text(field.getValue())) : Optional.empty();
  }
}
