// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.recovery.replay.ReplayedFeeds.Range;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplayedFeedsTest {

  @Test
  void shouldMakeOneRangeOfWhatIsReadFromTheNewestToTheOldest() {
    var feeds = new ReplayedFeeds();
    feeds.add(3, "rooms/1", List.of(17L, 20L));
    feeds.add(3, "rooms/1", List.of(2L, 9L, 11L));
    feeds.add(5, "rooms/2", List.of(1L));

    assertThat(feeds.find("rooms/1")).isEqualTo(new Range(3, 2, 20, 5));
    assertThat(feeds.of(5)).containsExactly(Map.entry("rooms/2", new Range(5, 1, 1, 1)));
    assertThat(feeds.find("rooms/3")).isNull();
  }

  @Test
  void shouldRefuseMoreAddressesThanItHolds() {
    var feeds = new ReplayedFeeds(2);
    feeds.add(0, "rooms/1", List.of(1L));
    feeds.add(0, "rooms/2", List.of(2L));
    feeds.add(0, "rooms/1", List.of(0L));

    assertThatThrownBy(() -> feeds.add(0, "rooms/3", List.of(3L)))
        .hasMessageContaining("more than 2 feeds");
  }
}
