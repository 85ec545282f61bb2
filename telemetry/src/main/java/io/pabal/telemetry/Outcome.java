// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether an operation that a part needs works, told by its most recent results. Thread-safe. A
 * success that changes nothing costs one volatile read where the operation may rest, so it may be
 * recorded for every message.
 *
 * <p>The operation does not work while its newest result is a failure, or, when it has to succeed
 * once in a while, while it has not for too long.
 */
public final class Outcome {

  private static final long FOR_EVER = Long.MAX_VALUE;

  private final long silenceMaxNanos;
  private volatile @Nullable String failure;
  private volatile long succeededNanos;

  /**
   * An operation that works until something else is recorded.
   *
   * @param silenceMax the longest time without a success that is still taken for working
   */
  public Outcome(Duration silenceMax) {
    this.silenceMaxNanos = silenceMax.toNanos();
    this.succeededNanos = System.nanoTime();
  }

  /** An operation that may rest for ever. */
  public Outcome() {
    this.silenceMaxNanos = FOR_EVER;
  }

  /** The operation succeeded. Ends the failure that was recorded before. */
  public void succeeded() {
    if (silenceMaxNanos != FOR_EVER) {
      succeededNanos = System.nanoTime();
    }
    if (failure != null) {
      failure = null;
    }
  }

  /** The operation failed. {@code reason} is one sentence for the operator. */
  public void failed(String reason) {
    failure = reason;
  }

  /** Whether the newest result is a failure. */
  public boolean isFailing() {
    return failure != null;
  }

  /** Why the operation does not work; empty while it works. Asks nobody. */
  public Optional<String> problem() {
    String reason = failure;
    if (reason != null) {
      return Optional.of(reason);
    }
    if (silenceMaxNanos == FOR_EVER) {
      return Optional.empty();
    }
    long silentNanos = System.nanoTime() - succeededNanos;
    return silentNanos > silenceMaxNanos
        ? Optional.of(
            "nothing has succeeded for %d s".formatted(TimeUnit.NANOSECONDS.toSeconds(silentNanos)))
        : Optional.empty();
  }
}
