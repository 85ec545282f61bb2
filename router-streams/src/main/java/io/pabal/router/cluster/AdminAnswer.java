// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** Waits for the answers of Kafka's admin client. */
public final class AdminAnswer {

  /** The longest wait for one answer. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private AdminAnswer() {}

  /**
   * Waits for the answer and returns it. Blocks, for at most {@link #TIMEOUT}.
   *
   * @param question names the request in the message of the timeout
   * @throws KafkaException the error of Kafka's answer, a {@link TimeoutException} after {@link
   *     #TIMEOUT}, or an {@link InterruptException}
   */
  public static <T> T await(KafkaFuture<T> future, String question) {
    try {
      return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException refused ? refused : new KafkaException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException(
          question + ": no answer from Kafka within " + TIMEOUT.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
