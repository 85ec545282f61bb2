// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.pabal.schemas.DeliveryHeader.Rewind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Records the calls of its address. */
final class TestSubscriber extends Subscriber {

  final List<Long> heads = new ArrayList<>();
  final List<Rewind> rewinds = new ArrayList<>();
  final List<Long> offsets = new ArrayList<>();
  final List<Throwable> failures = new ArrayList<>();
  Runnable onFailure = () -> {};
  Consumer<Delivery> onDelivery = delivery -> {};

  @Override
  protected void activated(long head) {
    heads.add(head);
  }

  @Override
  protected void rewind(Rewind rewind) {
    rewinds.add(rewind);
  }

  @Override
  protected void deliver(Delivery delivery) {
    offsets.add(delivery.offset());
    onDelivery.accept(delivery);
  }

  @Override
  protected void failed(Throwable cause) {
    failures.add(cause);
    onFailure.run();
  }
}
