// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Something that runs until it is closed.
 *
 * @param name what it is called in what the operator reads
 * @param address where it is reached, or what it connects
 * @param terminated completes when it does not run any more
 * @param running closes it
 * @param farewell what the operator is told when closing begins; empty: nothing
 * @param closeMax how long closing may take
 * @param askedToLeave completes when somebody who has no other way than through the part itself
 *     wants it closed
 */
public record Part(
    String name,
    String address,
    CompletionStage<Void> terminated,
    AutoCloseable running,
    Supplier<String> farewell,
    Duration closeMax,
    CompletionStage<Void> askedToLeave) {

  private static final Duration CLOSE_MAX = Duration.ofSeconds(30);

  /** A part that closes soon and without a word. */
  public Part(
      String name, String address, CompletionStage<Void> terminated, AutoCloseable running) {
    this(name, address, terminated, running, () -> "", CLOSE_MAX, new CompletableFuture<>());
  }

  /** The same part, which takes up to {@code longer} more to close and says why. */
  public Part leaving(Supplier<String> says, Duration longer) {
    return new Part(name, address, terminated, running, says, closeMax.plus(longer), askedToLeave);
  }

  /** The same part, which is closed when {@code asked} completes. */
  public Part leavingWhen(CompletionStage<Void> asked) {
    return new Part(name, address, terminated, running, farewell, closeMax, asked);
  }
}
