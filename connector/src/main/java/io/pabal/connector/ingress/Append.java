// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH at QoS 1 on its way into {@code messages}, in the order in which its connection
 * received them; or the failure of one at QoS 0, which nobody waits for otherwise.
 */
public final class Append implements Callback {

  /** The packet identifier of what has none. */
  static final int AT_MOST_ONCE = 0;

  private final AckQueue queue;
  private final int packetId;

  /** Written by the answering thread before it is posted to the event loop, read there. */
  private @Nullable Exception error;

  /** Set and read on the event loop only. */
  private boolean settled;

  Append(AckQueue queue, int packetId) {
    this.queue = queue;
    this.packetId = packetId;
  }

  /** The answer, which is final. */
  @Override
  public void onCompletion(RecordMetadata metadata, @Nullable Exception exception) {
    answer(exception);
    queue.post(this);
  }

  /** Notes the answer; after one that the connection does not outlive nothing more is appended. */
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
