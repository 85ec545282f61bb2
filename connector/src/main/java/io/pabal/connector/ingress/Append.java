// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One QoS 1 PUBLISH on its way into {@code messages}, at its place in the {@link AckQueue} of its
 * connection; or a refused QoS 0 PUBLISH, which has no place in that queue and closes the
 * connection.
 */
public final class Append implements Callback {

  /** Stands for the packet identifier of a QoS 0 PUBLISH, which has none. */
  static final int AT_MOST_ONCE = 0;

  private final AckQueue queue;
  private final int packetId;

  /**
   * Null: appended. Written by the thread that answers, before the append is posted to the event
   * loop; read on the event loop.
   */
  private @Nullable Exception error;

  /** Set and read on the event loop only. */
  private boolean settled;

  Append(AckQueue queue, int packetId) {
    this.queue = queue;
    this.packetId = packetId;
  }

  /** Takes the final answer. Called by any thread. */
  @Override
  public void onCompletion(RecordMetadata metadata, @Nullable Exception exception) {
    answer(exception);
    queue.post(this);
  }

  /**
   * Notes the answer. When the connection does not survive it, no further message of the connection
   * is appended.
   */
  void answer(@Nullable Exception exception) {
    error = exception;
    if (exception != null && !isOutlived(exception)) {
      queue.fail(exception);
    }
  }

  private boolean isOutlived(Exception exception) {
    return exception instanceof AppendRefusedException
        && !isAtMostOnce()
        && queue.outlivesRefusal();
  }

  AckQueue queue() {
    return queue;
  }

  int packetId() {
    return packetId;
  }

  boolean isAtMostOnce() {
    return packetId == AT_MOST_ONCE;
  }

  @Nullable Exception error() {
    return error;
  }

  boolean isSettled() {
    return settled;
  }

  void settle() {
    settled = true;
  }
}
