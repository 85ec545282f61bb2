// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Something that runs until it is closed.
 *
 * @param name the name of the part in the operator's output
 * @param address the address of the part, or what the part connects
 * @param terminated completes when the part no longer runs
 * @param running closes the part
 * @param farewell the text for the operator when closing begins; empty for no text
 * @param closeMax how long closing may take
 * @param askedToLeave completes when the part itself receives a request to close, from an operator
 *     who has no other way to stop the part
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

  /** A part that closes within 30 s, has no farewell and receives no requests to close. */
  public Part(
      String name, String address, CompletionStage<Void> terminated, AutoCloseable running) {
    this(name, address, terminated, running, () -> "", CLOSE_MAX, new CompletableFuture<>());
  }

  /** Returns this part with {@code longer} more time to close, and a farewell that says why. */
  public Part leaving(Supplier<String> says, Duration longer) {
    return new Part(name, address, terminated, running, says, closeMax.plus(longer), askedToLeave);
  }

  /** Returns this part, to be closed when {@code asked} completes. */
  public Part leavingWhen(CompletionStage<Void> asked) {
    return new Part(name, address, terminated, running, farewell, closeMax, asked);
  }
}
