// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.Address;
import io.pabal.connector.delivery.AddressTable;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.sessioncache.session.SessionClaim;

/** A session that no client is connected to, for its subscriptions. */
final class LoneSession {

  private final AddressTable addresses = new AddressTable(new NoAnnouncer(), 1, 1);
  private final Session session;

  LoneSession(Servers servers) {
    ConnectorConfig.Limits limits = ConnectorConfig.Limits.defaults();
    session =
        new Session(
            new SessionServices(
                addresses,
                servers.cache().sessions(),
                servers.cache().timelines(),
                new SessionEvents("lone", 1, event -> {}),
                limits,
                new ConnectorMetrics()),
            new LoopContext(0, new TestLoop()),
            new NoOutbound(),
            new SessionClaim("lone", 1),
            new SessionProfile("lone", "", true, true, 0, limits.inFlightMax()));
  }

  Subscription subscribe(String address, long cursor) {
    return new Subscription(session, addresses.acquire(address), SubscriptionOptions.of(1), cursor);
  }

  private static final class NoAnnouncer implements AddressTable.Announcer {
    @Override
    public void announce(Address address) {}

    @Override
    public void withdraw(Address address) {}
  }

  private static final class NoOutbound implements Outbound {
    @Override
    public boolean isWritable() {
      return false;
    }

    @Override
    public void publish(Delivery delivery, int qos, int packetId) {}

    @Override
    public boolean accepts(int packetBytes) {
      return true;
    }

    @Override
    public boolean isMqtt5() {
      return true;
    }

    @Override
    public void end(EndReason reason) {}
  }
}
