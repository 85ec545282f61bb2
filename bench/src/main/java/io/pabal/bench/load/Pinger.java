// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import java.util.List;

/** Pings the clients of one loop, a slice of them at a time. On the loop. */
final class Pinger {

  private final List<? extends Client> clients;
  private final int slices;
  private int slice;

  Pinger(List<? extends Client> clients, int slices) {
    this.clients = clients;
    this.slices = slices;
  }

  void pingSlice() {
    for (int i = slice; i < clients.size(); i += slices) {
      Client client = clients.get(i);
      if (client.connection().isReady()) {
        client.tally().pings++;
        client.connection().ping();
      }
    }
    slice = (slice + 1) % slices;
  }
}
