// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.mqtt.MqttMessageType;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.Station;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.fixture.Wire;
import io.pabal.schemas.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This machine's clock against a real broker's. */
@ExtendWith(Servers.Extension.class)
class BrokerClockTest {

  private static final long READ_MILLIS = 50;

  private static String bootstrapServers;

  /** By how much this machine's clock is wrong. */
  private final AtomicLong wrongByMillis = new AtomicLong();

  /** What a reading ends with; null: nothing. */
  private volatile @Nullable Error error;

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

      Awaitility.await().until(() -> !clock.isRight());
      assertThat(clock.skewSeconds() / wrongBy.toSeconds()).isBetween(0.9, 1.1);
      assertThat(clock.problem()).startsWith("clock: ");

      wrongByMillis.set(0);

      Awaitility.await().until(clock::isRight);
    }
  }

  @Test
  void shouldReportAnErrorAndGoOnReading() throws Exception {
    var reported = new AtomicReference<Throwable>();
    var handler = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> reported.set(failure));
    try (BrokerClock clock = start()) {
      var failure = new AssertionError("of a test");
      error = failure;
      Awaitility.await().dontCatchUncaughtExceptions().until(() -> reported.get() == failure);

      error = null;
      wrongByMillis.set(Duration.ofDays(10).toMillis());

      Awaitility.await().until(() -> !clock.isRight());
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(handler);
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

  @Test
  void shouldStampMessagesWithTheBrokersTimeWhenThisMachinesIsWrong(Servers servers) {
    Duration ahead = Duration.ofDays(10);
    try (Station station = Station.start(servers);
        Client publisher = station.connect(Wire.connect5("clock-stamp"));
        TopicTail<Message> messages = TopicTail.messages(servers, "clock/stamp")) {
      PlayedBrokerTime.whileAhead(
          ahead,
          () -> {
            publisher.send(Wire.publish5(1, "clock/stamp", "p"));
            publisher.next(MqttMessageType.PUBACK);
          });

      assertThat(messages.next().getPublishedAt())
          .isAfter(Instant.now().plus(ahead).minusSeconds(60));
    }
  }

  private BrokerClock start() throws InterruptedException {
    return BrokerClock.start(bootstrapServers, this::millis, READ_MILLIS);
  }

  private long millis() {
    Error failure = error;
    if (failure != null) {
      throw failure;
    }
    return System.currentTimeMillis() + wrongByMillis.get();
  }
}
