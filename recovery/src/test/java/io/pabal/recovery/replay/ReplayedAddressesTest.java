// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.recovery.replay.ReplayedAddresses.Range;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplayedAddressesTest {

  @Test
  void shouldMakeOneRangeOfWhatIsReadFromTheNewestToTheOldest() {
    var addresses = new ReplayedAddresses();
    addresses.add(3, "rooms/1", List.of(17L, 20L));
    addresses.add(3, "rooms/1", List.of(2L, 9L, 11L));
    addresses.add(5, "rooms/2", List.of(1L));

    assertThat(addresses.find("rooms/1")).isEqualTo(new Range(3, 2, 20, 5));
    assertThat(addresses.of(5)).containsExactly(Map.entry("rooms/2", new Range(5, 1, 1, 1)));
    assertThat(addresses.find("rooms/3")).isNull();
  }

  @Test
  void shouldRefuseMoreAddressesThanItHolds() {
    var addresses = new ReplayedAddresses(2);
    addresses.add(0, "rooms/1", List.of(1L));
    addresses.add(0, "rooms/2", List.of(2L));
    addresses.add(0, "rooms/1", List.of(0L));

    assertThatThrownBy(() -> addresses.add(0, "rooms/3", List.of(3L)))
        .hasMessageContaining("more than 2 addresses");
  }
}
