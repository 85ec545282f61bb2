// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery;

import io.pabal.sessioncache.RedisUnavailableException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The replies to pipelined Redis commands, with at most {@value #PIPELINED_MAX} commands under way.
 * The command timeout of the Redis client bounds each wait. For one thread; blocks.
 */
public final class Answers<T> {

  private static final int PIPELINED_MAX = 64;

  private final Consumer<T> taker;
  private final ArrayDeque<CompletionStage<T>> underWay = new ArrayDeque<>();

  /** Passes each reply to {@code taker}, in the order of the commands. */
  public Answers(Consumer<T> taker) {
    this.taker = taker;
  }

  /**
   * The reply of one command. Waits for it.
   *
   * @throws RecoveryException when the command failed or timed out
   */
  public static <T> T of(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String text = String.valueOf(cause.getMessage());
      if (text.contains("OTHERTOPIC")) {
        throw new RecoveryException(
            "redis: its timelines belong to another topic \"messages\" (expected: the Kafka cluster"
                + " that they came from). Correct --redis-uri or --bootstrap-servers.",
            cause);
      }
      RedisUnavailableException.of(cause)
          .ifPresent(
              unavailable -> {
                throw unavailable;
              });
      throw new RecoveryException("redis: " + text, cause);
    }
  }

  /** Adds a command; waits for the oldest reply when {@value #PIPELINED_MAX} are under way. */
  public void add(CompletionStage<T> stage) {
    underWay.add(stage);
    if (underWay.size() >= PIPELINED_MAX) {
      taker.accept(of(underWay.remove()));
    }
  }

  /** Waits for the replies to all commands that were added. */
  public void drain() {
    while (!underWay.isEmpty()) {
      taker.accept(of(underWay.remove()));
    }
  }
}
