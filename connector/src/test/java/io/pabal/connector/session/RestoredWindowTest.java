// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static io.pabal.connector.session.InFlightWindow.ACKNOWLEDGED;
import static io.pabal.connector.session.InFlightWindow.NOT_IN_FLIGHT;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.Servers;
import io.pabal.sessioncache.session.StoredDelivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window that restores the deliveries in flight of an earlier connection. */
@ExtendWith(Servers.Extension.class)
class RestoredWindowTest {

  private static final String A = "rooms/a";
  private static final String B = "rooms/b";

  private LoneSession session;
  private SessionFeed a;
  private SessionFeed b;

  @BeforeEach
  void subscribe(Servers servers) {
    session = new LoneSession(servers);
    a = session.subscribe(A, 9);
    b = session.subscribe(B, 9);
  }

  @Test
  void shouldSendAgainUnderTheSameIdentifier() {
    InFlightWindow window =
        restored(10, waiting(65_535, A, 10), waiting(1, B, 10), waiting(2, A, 11));

    assertThat(window.resend(a, 10)).isEqualTo(65_535);
    assertThat(window.resend(a, 11)).isEqualTo(2);
    assertThat(window.resend(a, 12)).isEqualTo(NOT_IN_FLIGHT);
    assertThat(window.add(a, 12)).isEqualTo(3);
    assertThat(window.resend(b, 10)).isEqualTo(1);
  }

  @Test
  void shouldNotResendADeliveryThatWasAcknowledgedOutOfOrder() {
    InFlightWindow window = restored(10, waiting(1, A, 10), acknowledged(2, A, 11));

    assertThat(window.resend(a, 11)).isEqualTo(ACKNOWLEDGED);
    assertThat(window.resend(a, 10)).isEqualTo(1);
    assertThat(window.acknowledge(1)).isTrue();

    assertThat(a.cursor()).isEqualTo(11);
    assertThat(window.size()).isZero();
  }

  @Test
  void shouldKeepTheCursorBeforeAWaitingDelivery() {
    InFlightWindow window = restored(10, waiting(1, A, 10));
    assertThat(a.cursor()).isEqualTo(9);

    window.resend(a, 10);
    a.passed(10);
    assertThat(a.cursor()).isEqualTo(9);

    window.acknowledge(1);
    assertThat(a.cursor()).isEqualTo(10);
  }

  @Test
  void shouldResendIntoASmallerWindow() {
    InFlightWindow window = restored(1, waiting(1, A, 10), waiting(2, A, 11), waiting(3, B, 10));

    for (int id : new int[] {1, 2}) {
      assertThat(window.room()).isEqualTo(1);
      assertThat(window.resend(a, 9 + id)).isEqualTo(id);
      assertThat(window.room()).isZero();
      window.acknowledge(id);
    }
    assertThat(window.resend(b, 10)).isEqualTo(3);
    window.acknowledge(3);
    assertThat(window.room()).isEqualTo(1);
    assertThat(window.size()).isZero();
  }

  @Test
  void shouldSettleDeliveriesThatAreNotSentAgain() {
    InFlightWindow window =
        restored(10, waiting(1, A, 10), waiting(2, B, 10), waiting(3, A, 11), waiting(4, A, 12));

    window.settle(a, 11);
    assertThat(a.cursor()).isEqualTo(10); // packet 2, sent before A's 11, still waits
    window.settle(b, Long.MAX_VALUE);

    assertThat(a.cursor()).isEqualTo(11);
    assertThat(window.stored()).containsExactly(waiting(4, A, 12));
  }

  @Test
  void shouldForgetWaitingDeliveriesAfterAWindowOfOtherDeliveries() {
    InFlightWindow window =
        restored(4, waiting(1, A, 10), acknowledged(2, A, 11), waiting(3, B, 10));
    window.resend(b, 10);
    window.acknowledge(3);
    for (int offset = 11; offset < 15; offset++) {
      assertThat(window.room()).isPositive();
      window.acknowledge(window.add(b, offset));
      b.passed(offset);
    }

    assertThat(window.size()).isZero();
    assertThat(b.cursor()).isEqualTo(14);
    // The deliveries of A count as never sent: they are neither skipped nor keep an identifier.
    assertThat(a.cursor()).isEqualTo(9);
    assertThat(window.resend(a, 10)).isEqualTo(NOT_IN_FLIGHT);
    assertThat(window.resend(a, 11)).isEqualTo(NOT_IN_FLIGHT);
  }

  @Test
  void shouldRestoreNoDeliveryOfASubscriptionThatIsGone() {
    InFlightWindow window = restored(10, waiting(7, "rooms/gone", 3), waiting(8, B, 10));

    assertThat(window.size()).isEqualTo(1);
    assertThat(window.resend(b, 10)).isEqualTo(8);
  }

  /**
   * The messages of two addresses are sent from their cursors and acknowledged in any order, and
   * each connection ends at any moment. In the end every message is acknowledged. On each
   * connection no identifier is in use twice at a time.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void shouldDeliverAllMessagesOverAnyNumberOfConnections(int max) {
    long seed = System.nanoTime();
    System.out.println("RestoredWindowTest max=" + max + " seed=" + seed);
    Random random = new Random(seed);
    Set<Long> acknowledgedA = new HashSet<>();
    Set<Long> acknowledgedB = new HashSet<>();
    long end = 300;
    List<StoredDelivery> stored = List.of();
    long[] cursors = {-1, -1};
    int connections = 0;
    while (cursors[0] < end || cursors[1] < end) {
      assertThat(++connections).as("seed %d", seed).isLessThan(10_000);
      a = session.subscribe(A, cursors[0]);
      b = session.subscribe(B, cursors[1]);
      InFlightWindow window = new InFlightWindow(1 + random.nextInt(max), 1);
      window.restore(stored, name -> name.equals(A) ? a : name.equals(B) ? b : null);
      Deque<Sent> wire = new ArrayDeque<>();
      Set<Integer> ids = new HashSet<>();
      for (int step = random.nextInt(60); step > 0; step--) {
        SessionFeed next = random.nextBoolean() ? a : b;
        if (random.nextInt(3) > 0 && window.room() > 0 && next.sent() < end) {
          long offset = next.sent() + 1;
          int id = window.resend(next, offset);
          if (id != ACKNOWLEDGED) {
            int used = id == NOT_IN_FLIGHT ? window.add(next, offset) : id;
            assertThat(ids.add(used)).as("seed %d", seed).isTrue();
            wire.add(new Sent(used, next, offset));
          }
          next.passed(offset);
        } else if (!wire.isEmpty()) {
          Sent sent = random.nextBoolean() ? wire.removeFirst() : wire.removeLast();
          (sent.subscription == a ? acknowledgedA : acknowledgedB).add(sent.offset);
          ids.remove(sent.id);
          assertThat(window.acknowledge(sent.id)).as("seed %d", seed).isTrue();
        }
      }
      stored = window.stored();
      cursors = new long[] {a.cursor(), b.cursor()};
      assertThat(acknowledgedA).as("seed %d", seed).containsAll(through(cursors[0]));
      assertThat(acknowledgedB).as("seed %d", seed).containsAll(through(cursors[1]));
    }
  }

  private record Sent(int id, SessionFeed subscription, long offset) {}

  private static List<Long> through(long cursor) {
    List<Long> all = new ArrayList<>();
    for (long offset = 0; offset <= cursor; offset++) {
      all.add(offset);
    }
    return all;
  }

  private InFlightWindow restored(int max, StoredDelivery... stored) {
    InFlightWindow window = new InFlightWindow(max, 1);
    window.restore(List.of(stored), name -> name.equals(A) ? a : name.equals(B) ? b : null);
    return window;
  }

  private static StoredDelivery waiting(int packetId, String address, long offset) {
    return new StoredDelivery(packetId, address, offset, false);
  }

  private static StoredDelivery acknowledged(int packetId, String address, long offset) {
    return new StoredDelivery(packetId, address, offset, true);
  }
}
