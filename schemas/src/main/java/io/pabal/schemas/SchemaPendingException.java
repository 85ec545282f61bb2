// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.NullMarked;

/**
 * A record whose schema is being looked up at the registry. The record is not malformed: decode it
 * again later.
 */
@NullMarked
public final class SchemaPendingException extends RuntimeException {

  @SuppressWarnings("serial") // never serialised
  private final transient CompletionStage<?> answered;

  /**
   * A failure with a message that names the id, and the reason when an earlier lookup failed.
   *
   * @param answered completes when the current lookup has ended, also when it has failed; complete
   *     already when the next lookup has not begun
   */
  public SchemaPendingException(String message, CompletionStage<?> answered) {
    super(message);
    this.answered = answered;
  }

  /** Waits for the end of the current lookup, for at most {@code timeoutMillis}. */
  void await(long timeoutMillis) {
    try {
      answered.toCompletableFuture().get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      addSuppressed(e);
    }
  }
}
