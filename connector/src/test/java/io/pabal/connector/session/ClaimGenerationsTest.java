// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.session.SessionStore;
import org.junit.jupiter.api.Test;

class ClaimGenerationsTest {

  private static final String PHONE = "phone";
  private static final int BUCKET = SessionKeys.bucket(PHONE);

  private final ClaimGenerations generations = new ClaimGenerations();

  @Test
  void shouldKnowTheBucketsThatHaveSessions() {
    assertThat(generations.occupied()).isEmpty();

    open(7);
    open(7);
    assertThat(generations.occupied()).containsExactly(BUCKET);

    generations.removed(PHONE);
    assertThat(generations.occupied()).containsExactly(BUCKET);
    generations.removed(PHONE);
    assertThat(generations.occupied()).isEmpty();
  }

  @Test
  void shouldSeeNoLossWhileTheGenerationStays() {
    open(7);

    assertThat(generations.take(BUCKET, 7)).isFalse();
  }

  @Test
  void shouldSeeALossBetweenTheClaimAndTheFirstLook() {
    open(7);

    assertThat(generations.take(BUCKET, 8)).isTrue();
    assertThat(generations.take(BUCKET, 8)).isFalse();
  }

  @Test
  void shouldSeeALossBetweenTwoClaims() {
    open(7);
    open(8);

    assertThat(generations.take(BUCKET, 8)).isTrue();
    assertThat(generations.take(BUCKET, 8)).isFalse();
  }

  @Test
  void shouldSeeThatAClaimIsOlderThanTheLastLook() {
    open(7);
    assertThat(generations.take(BUCKET, 8)).isTrue();

    open(7); // its reply came late

    assertThat(generations.take(BUCKET, 8)).isTrue();
  }

  @Test
  void shouldTakeTheGenerationOfTheFirstSessionThatIsWrittenAgain() {
    open(7);
    assertThat(generations.take(BUCKET, SessionStore.NO_GENERATION)).isTrue();

    generations.claimed(PHONE, 8);

    assertThat(generations.take(BUCKET, 8)).isFalse();
  }

  @Test
  void shouldRenewAgainWhenASessionCouldNotBeRenewed() {
    open(7);
    assertThat(generations.take(BUCKET, 8)).isTrue();

    generations.notRenewed(PHONE);

    assertThat(generations.take(BUCKET, 8)).isTrue();
  }

  private void open(long generation) {
    generations.added(PHONE);
    generations.claimed(PHONE, generation);
  }
}
