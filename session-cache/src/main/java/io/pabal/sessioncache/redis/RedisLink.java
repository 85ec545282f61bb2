// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.pabal.telemetry.Meters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * One pipelined connection to Redis. Keys are UTF-8 text, values are bytes.
 *
 * <p>Thread-safe. Calls do not block; stages complete on a Lettuce thread. A stage fails when the
 * connection is down, when Redis does not reply within the command timeout, or when Redis replies
 * with an error.
 */
public final class RedisLink {

  private final RedisServer server;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final RedisAsyncCommands<String, byte[]> commands;
  private final RedisFigures figures = new RedisFigures();

  RedisLink(RedisServer server, StatefulRedisConnection<String, byte[]> connection) {
    this.server = server;
    this.connection = connection;
    this.commands = connection.async();
  }

  /** Threads for short delayed work, which must not block. */
  public ScheduledExecutorService scheduler() {
    return server.scheduler();
  }

  /** Whether the connection is open. Any thread. */
  public boolean isOpen() {
    return connection.isOpen();
  }

  /**
   * Why Redis does not serve this connection; empty while Redis does. Any thread; sends no command.
   * The result follows from the most recent {@link #probe} and the calls since then.
   */
  public Optional<String> problem() {
    if (isOpen()) {
      return figures.problem();
    }
    return Optional.of("the connection is down (%s)".formatted(server.disconnectReason()));
  }

  /**
   * Runs a script that has every command of the calls on this connection, and keeps the result for
   * {@link #problem}. Called every few seconds.
   */
  public CompletionStage<List<Object>> probe(LuaScript script, String... keys) {
    return run(script, keys).whenComplete((reply, failure) -> figures.probed(failure));
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
    CompletionStage<List<Object>> byDigest =
        commands.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments);
    return byDigest
        .exceptionallyCompose(
            failure -> {
              if (causeOf(failure) instanceof RedisNoScriptException) {
                return commands.eval(script.text(), ScriptOutputType.MULTI, keys, arguments);
              }
              return CompletableFuture.failedStage(failure);
            })
        .whenComplete((reply, failure) -> figures.ended(begunNanos, failure));
  }

  /** The values of some keys, in the order of {@code keys}; null where there is none. */
  public CompletionStage<List<byte @Nullable []>> values(String[] keys) {
    long begunNanos = figures.begun();
    return commands
        .mget(keys)
        .<List<byte @Nullable []>>thenApply(
            found -> {
              List<byte @Nullable []> values = new ArrayList<>(found.size());
              found.forEach(each -> values.add(each.hasValue() ? each.getValue() : null));
              return values;
            })
        .whenComplete((found, failure) -> figures.ended(begunNanos, failure));
  }

  /** The values of some fields of a hash, in the order of {@code fields}; empty where missing. */
  public CompletionStage<List<Optional<String>>> hashFields(String key, String... fields) {
    long begunNanos = figures.begun();
    return commands
        .hmget(key, fields)
        .thenApply(found -> found.stream().map(RedisLink::textOf).toList())
        .whenComplete((found, failure) -> figures.ended(begunNanos, failure));
  }

  /** All fields of a hash; none when the key does not exist. */
  public CompletionStage<Map<String, byte[]>> hash(String key) {
    return commands.hgetall(key);
  }

  /** The time to live of a key in seconds; negative when it has none, or does not exist. */
  public CompletionStage<Long> secondsToLive(String key) {
    return commands.ttl(key);
  }

  /**
   * One step of a walk ({@code SCAN}) over the keys of hashes that match a pattern.
   *
   * @param cursor {@link KeyPage#START}, or {@link KeyPage#next} of the previous step
   * @param count the approximate number of keys that the step examines, matching or not
   */
  public CompletionStage<KeyPage> scanHashes(String cursor, String pattern, int count) {
    return commands
        .scan(ScanCursor.of(cursor), KeyScanArgs.Builder.matches(pattern).limit(count).type("hash"))
        .thenApply(
            page ->
                new KeyPage(page.getKeys(), page.isFinished() ? KeyPage.START : page.getCursor()));
  }

  /** The number of keys in the database. */
  public CompletionStage<Long> keyCount() {
    return commands.dbsize();
  }

  /** The server's {@code maxmemory-policy}. */
  public CompletionStage<String> evictionPolicy() {
    return commands
        .info("memory")
        .thenApply(
            info ->
                info.lines()
                    .filter(line -> line.startsWith("maxmemory_policy:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown"));
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
