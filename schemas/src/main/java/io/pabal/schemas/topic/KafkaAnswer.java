// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaFuture;

/** An answer of Kafka's admin client, for which somebody waits. */
public final class KafkaAnswer {

  private KafkaAnswer() {}

  /**
   * Waits for an answer. Blocks.
   *
   * @throws TimeoutException when none comes in {@code millis}, or when the client itself gives up
   *     before: which of the two is first is chance
   * @throws ExecutionException when Kafka refuses
   */
  public static <T> T get(KafkaFuture<T> future, long millis)
      throws InterruptedException, TimeoutException, ExecutionException {
    try {
      return future.get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException late) {
        var timeout = new TimeoutException(late.getMessage());
        timeout.initCause(e);
        throw timeout;
      }
      throw e;
    }
  }
}
