// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.NullMarked;

/**
 * A record's schema is not known here yet: it is being asked for. The record is fine; decode it
 * again later.
 */
@NullMarked
public final class SchemaPendingException extends RuntimeException {

  @SuppressWarnings("serial") // never serialised
  private final transient CompletionStage<?> answered;

  /**
   * Says which id, and why it is not known if asking failed before.
   *
   * @param answered completes when the question that is under way was answered, however; it may be
   *     complete already when the next one has to wait
   */
  public SchemaPendingException(String message, CompletionStage<?> answered) {
    super(message);
    this.answered = answered;
  }

  /** Waits for the answer. */
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
