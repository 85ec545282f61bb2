// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.connector.fixture.Servers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This machine's clock against a real broker's. */
@ExtendWith(Servers.Extension.class)
class BrokerClockTest {

  private static String bootstrapServers;

  /** By how much this machine's clock is wrong. */
  private final AtomicLong wrongByMillis = new AtomicLong();

  @BeforeAll
  static void start(Servers servers) {
    bootstrapServers = servers.bootstrapServers();
  }

  @AfterEach
  void forget() {
    BrokerTime.forget();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-10D", "PT-2H", "PT-2M"})
  void shouldRefuseToStartWhenTheClockIsBehind(Duration wrongBy) {
    wrongByMillis.set(wrongBy.toMillis());

    assertThatThrownBy(this::start)
        .isInstanceOf(ClockException.class)
        .hasMessageStartingWith("clock: ")
        .hasMessageContaining(" behind the brokers'")
        .hasMessageContaining("(expected: at most 60 s apart)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"P10D", "PT2H", "PT2M"})
  void shouldRefuseToStartWhenTheClockIsAhead(Duration wrongBy) {
    wrongByMillis.set(wrongBy.toMillis());

    assertThatThrownBy(this::start)
        .isInstanceOf(ClockException.class)
        .hasMessageStartingWith("clock: ")
        .hasMessageContaining(" ahead of the brokers'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-10D", "P10D"})
  void shouldSayThatTheClockIsWrongWhenItIsSetWhileRunning(Duration wrongBy) throws Exception {
    try (BrokerClock clock = start()) {
      assertThat(clock.isRight()).isTrue();
      assertThat(clock.skewSeconds()).isZero();

      wrongByMillis.set(wrongBy.toMillis());
      clock.read();

      assertThat(clock.isRight()).isFalse();
      assertThat(clock.skewSeconds() / wrongBy.toSeconds()).isBetween(0.9, 1.1);
      assertThat(clock.problem()).startsWith("clock: ");

      wrongByMillis.set(0);
      clock.read();

      assertThat(clock.isRight()).isTrue();
    }
  }

  @Test
  void shouldGoByTheBrokersTimeWhenThisMachinesIsWrong() {
    long brokerMillis = System.currentTimeMillis() + Duration.ofDays(10).toMillis();
    long nowNanos = System.nanoTime();

    BrokerTime.read(brokerMillis, nowNanos - 10, nowNanos);

    assertThat(BrokerTime.millis()).isGreaterThanOrEqualTo(brokerMillis);
    assertThat(BrokerTime.now().toEpochMilli()).isGreaterThanOrEqualTo(brokerMillis);
    assertThat(BrokerTime.clock().millis()).isGreaterThanOrEqualTo(brokerMillis);
    assertThat(Duration.ofMillis(BrokerTime.aheadMillis()).plusMinutes(1).toDays()).isEqualTo(10);
  }

  @Test
  void shouldNotMoveTheTimeWhenTheDelayOfAnAnswerExplainsTheDifference() {
    long nowNanos = System.nanoTime();
    BrokerTime.read(1_000_000, nowNanos, nowNanos);
    long before = BrokerTime.aheadMillis();

    // The reply took five seconds. The broker's time may be that of any moment within them.
    BrokerTime.read(1_004_900, nowNanos, nowNanos + Duration.ofSeconds(5).toNanos());
    BrokerTime.read(1_000_100, nowNanos, nowNanos + Duration.ofSeconds(5).toNanos());

    assertThat(BrokerTime.aheadMillis()).isBetween(before - 2_000, before + 2_000);
  }

  private BrokerClock start() throws InterruptedException {
    return BrokerClock.start(
        bootstrapServers, () -> System.currentTimeMillis() + wrongByMillis.get());
  }
}
