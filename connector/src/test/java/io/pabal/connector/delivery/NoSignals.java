// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import org.jspecify.annotations.Nullable;

/** Signals of a {@link DeliveryConsumer} that have no effect. */
class NoSignals implements DeliveryConsumer.Signals {
  @Override
  public void evicted(String clientId, long epoch) {}

  @Override
  public void kicked(String clientId, long epoch, boolean forget) {}

  @Override
  public void drainAsked() {}

  @Override
  public void activated(Feed which) {}

  @Override
  public @Nullable String connectorChanged(String connectorId, byte @Nullable [] value) {
    return null;
  }
}
