// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH at QoS 1 on its way into {@code messages}, in the order in which its connection
 * received them.
 */
public final class Append implements Callback {

  private final AckQueue queue;
  private final int packetId;

  /** Written by Kafka's thread before it is posted to the event loop, read there. */
  private @Nullable Exception error;

  /** Set and read on the event loop only. */
  private boolean settled;

  Append(AckQueue queue, int packetId) {
    this.queue = queue;
    this.packetId = packetId;
  }

  @Override
  public void onCompletion(RecordMetadata metadata, @Nullable Exception exception) {
    error = exception;
    if (exception != null) {
      queue.fail();
    }
    queue.post(this);
  }

  AckQueue queue() {
    return queue;
  }

  int packetId() {
    return packetId;
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
