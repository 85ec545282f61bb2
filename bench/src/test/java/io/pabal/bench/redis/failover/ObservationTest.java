// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.sessioncache.redis.HashTags;
import io.pabal.sessioncache.session.SessionKeys;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The primary has the lower half of the slots; one unit of time is a nanosecond. */
class ObservationTest {

  private static final String OWN = clientId(0, HashTags.SLOTS / 2);
  private static final String OTHER = clientId(HashTags.SLOTS / 2, HashTags.SLOTS);

  private final Observation observation = new Observation(slot -> slot < HashTags.SLOTS / 2);

  @Test
  void shouldServeAgainWhenClaimIsGrantedThatWasSentAfterTheFault() {
    observation.begin(100);
    observation.replaced(110);
    observation.granted(claim(OWN, 105, 105), 112); // the old primary's last reply
    observation.granted(claim(OTHER, 120, 120), 121);
    assertThat(observation.servesAgain()).isFalse();

    observation.granted(claim(OWN, 106, 200), 210);

    assertThat(observation.servesAgain()).isTrue();
  }

  @Test
  void shouldNotServeAgainWhileNothingWasReplaced() {
    observation.begin(100);

    observation.granted(claim(OWN, 101, 101), 102);

    assertThat(observation.servesAgain()).isFalse();
    assertThat(observation.waits().failover().count()).isZero();
    assertThat(observation.waits().longestNanos()).isEqualTo(1);
  }

  @Test
  void shouldCountClaimsAsOfTheFailoverThatWereDueUntilTheSuccessorServed() {
    observation.begin(100);
    observation.replaced(110);
    observation.granted(claim(OWN, 90, 90), 101); // was due before
    observation.granted(claim(OWN, 150, 240), 250); // the first one
    observation.granted(claim(OWN, 110, 260), 310); // was due before the first one, granted later
    observation.granted(claim(OWN, 260, 260), 261); // was due later

    ClaimWaits waits = observation.waits();

    assertThat(waits.failover().count()).isEqualTo(2);
    assertThat(waits.failover().millis(1)).isEqualTo(200 / 1e6);
    assertThat(waits.longestNanos()).isEqualTo(200);
  }

  @Test
  void shouldKeepWaitsOfOtherPrimariesApart() {
    observation.begin(100);
    observation.granted(claim(OTHER, 100, 100), 170);
    observation.granted(claim(OWN, 100, 100), 130);

    ClaimWaits waits = observation.waits();

    assertThat(waits.longestNanos()).isEqualTo(30);
    assertThat(waits.othersLongestNanos()).isEqualTo(70);
  }

  private static PendingClaim claim(String clientId, long dueNanos, long sentNanos) {
    PendingClaim claim = new PendingClaim(clientId, dueNanos);
    claim.sent(sentNanos);
    return claim;
  }

  private static String clientId(int fromSlot, int toSlot) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> "client-" + i)
        .filter(
            id -> {
              int slot = HashTags.slotOf(SessionKeys.session(id));
              return fromSlot <= slot && slot < toSlot;
            })
        .findFirst()
        .orElseThrow();
  }
}
