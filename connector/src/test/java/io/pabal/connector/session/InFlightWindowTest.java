// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.fixture.Servers;
import io.pabal.sessioncache.session.StoredDelivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Servers.Extension.class)
class InFlightWindowTest {

  private static final int IDS = 65_535;

  private SessionFeed subscription;

  @BeforeEach
  void subscribe(Servers servers) {
    subscription = new LoneSession(servers).subscribe("rooms/window", -1);
  }

  @Test
  void shouldNumberPacketsFromOne() {
    InFlightWindow window = new InFlightWindow(10, 1);

    assertThat(List.of(window.add(subscription, 5), window.add(subscription, 6)))
        .containsExactly(1, 2);
    assertThat(window.size()).isEqualTo(2);
    assertThat(window.room()).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 9, 10, 100, 1_024, IDS})
  void shouldHoldUpToItsMaximumWithAllIdentifiersDifferent(int max) {
    InFlightWindow window = new InFlightWindow(max, 1);
    Set<Integer> identifiers = new HashSet<>();
    for (int i = 0; i < max; i++) {
      identifiers.add(window.add(subscription, i));
    }

    assertThat(identifiers).hasSize(max).allMatch(id -> id >= 1 && id <= IDS);
    assertThat(window.room()).isZero();
    for (int id : identifiers) {
      assertThat(window.acknowledge(id)).isTrue();
    }
    assertThat(window.size()).isZero();
  }

  @Test
  void shouldNotifyNoSubscriptionOfAnAcknowledgedRepeat() {
    InFlightWindow window = new InFlightWindow(3, 1);
    int first = window.add(subscription, 5);
    int repeat = window.addRepeated(4);
    int second = window.add(subscription, 6);
    assertThat(window.room()).isZero();

    assertThat(window.acknowledge(repeat)).isTrue();
    assertThat(window.acknowledge(repeat)).isFalse();
    assertThat(subscription.cursor()).isEqualTo(-1);
    assertThat(window.acknowledge(first)).isTrue();
    assertThat(subscription.cursor()).isEqualTo(5);
    assertThat(window.acknowledge(second)).isTrue();
    assertThat(subscription.cursor()).isEqualTo(6);
    assertThat(window.size()).isZero();
  }

  @Test
  void shouldStoreARepeatAsAcknowledged() {
    InFlightWindow window = new InFlightWindow(3, 1);
    window.add(subscription, 5);
    int repeat = window.addRepeated(4);

    assertThat(window.stored()).last().isEqualTo(new StoredDelivery(repeat, "", 4, true));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 1_000})
  void shouldWrapAroundWithoutTheIdentifierZero(int inFlight) {
    InFlightWindow window = new InFlightWindow(inFlight, 1);
    int expected = 1;
    Deque<Integer> sent = new ArrayDeque<>();
    for (int i = 0; i < 2 * IDS + 100; i++) {
      if (sent.size() == inFlight) {
        assertThat(window.acknowledge(sent.remove())).isTrue();
      }
      int id = window.add(subscription, i);
      assertThat(id).isEqualTo(expected);
      expected = expected == IDS ? 1 : expected + 1;
      sent.add(id);
    }
  }

  @Test
  void shouldAdvanceTheCursorOnlyWithoutAGap() {
    InFlightWindow window = new InFlightWindow(10, 1);
    int[] ids = send(window, 100, 101, 102, 103);

    assertThat(window.acknowledge(ids[2])).isTrue();
    assertThat(window.acknowledge(ids[1])).isTrue();
    assertThat(subscription.cursor()).isEqualTo(-1);
    assertThat(window.size()).isEqualTo(4);

    assertThat(window.acknowledge(ids[0])).isTrue();
    assertThat(subscription.cursor()).isEqualTo(102);
    assertThat(window.size()).isEqualTo(1);
  }

  @Test
  void shouldRejectRepeatedAndUnknownAcknowledgements() {
    InFlightWindow window = new InFlightWindow(10, 1);
    int[] ids = send(window, 100, 101, 102);

    assertThat(window.acknowledge(ids[1])).isTrue();
    assertThat(window.acknowledge(ids[1])).isFalse();
    assertThat(window.acknowledge(4)).isFalse();
    assertThat(window.acknowledge(IDS)).isFalse();
    assertThat(window.acknowledge(ids[0])).isTrue();
    assertThat(window.acknowledge(ids[0])).isFalse();
    assertThat(window.size()).isEqualTo(1);
    assertThat(subscription.cursor()).isEqualTo(101);
  }

  @Test
  void shouldRejectAcknowledgementsWhenNothingIsInFlight() {
    InFlightWindow window = new InFlightWindow(10, 1);
    assertThat(window.acknowledge(1)).isFalse();

    window.acknowledge(window.add(subscription, 1));

    assertThat(window.acknowledge(1)).isFalse();
    assertThat(window.acknowledge(2)).isFalse();
  }

  @Test
  void shouldMoveTheCursorOfEachSubscriptionSeparately(Servers servers) {
    LoneSession session = new LoneSession(servers);
    SessionFeed a = session.subscribe("rooms/a", 9);
    SessionFeed b = session.subscribe("rooms/b", 19);
    InFlightWindow window = new InFlightWindow(10, 1);
    int first = send(window, a, 10);
    int second = send(window, b, 20);
    int third = send(window, a, 11);

    window.acknowledge(second);
    assertThat(List.of(a.cursor(), b.cursor())).containsExactly(9L, 19L);
    window.acknowledge(first);
    assertThat(List.of(a.cursor(), b.cursor())).containsExactly(10L, 20L);
    window.acknowledge(third);
    assertThat(List.of(a.cursor(), b.cursor())).containsExactly(11L, 20L);
  }

  @Test
  void shouldUseNoMemoryWhenEmpty() throws ReflectiveOperationException {
    InFlightWindow window = new InFlightWindow(1_024, 1);
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ids.add(window.add(subscription, i));
    }
    ids.forEach(window::acknowledge);

    var offsets = InFlightWindow.class.getDeclaredField("offsets");
    var subscriptions = InFlightWindow.class.getDeclaredField("feeds");
    offsets.setAccessible(true);
    subscriptions.setAccessible(true);
    assertThat((long[]) offsets.get(window)).isEmpty();
    assertThat((Object[]) subscriptions.get(window)).isEmpty();
  }

  @Test
  void shouldBehaveAsASimpleModelInAnyOrderOfAcknowledgement() {
    long seed = System.nanoTime();
    System.out.println("InFlightWindowTest seed=" + seed);
    Random random = new Random(seed);
    InFlightWindow window = new InFlightWindow(50, 1);
    // Offset to "acknowledged", in the order of sending.
    TreeMap<Long, Boolean> model = new TreeMap<>();
    List<Integer> idOf = new ArrayList<>(Collections.nCopies(1, 0));
    long cursor = -1;
    for (int step = 0; step < 200_000; step++) {
      if (random.nextInt(100) < 51 && window.room() > 0) {
        long offset = idOf.size();
        idOf.add(send(window, subscription, offset));
        model.put(offset, false);
      } else if (!model.isEmpty()) {
        long span = model.lastKey() - model.firstKey() + 1;
        long offset = model.firstKey() + random.nextInt((int) span);
        boolean fresh = Boolean.FALSE.equals(model.get(offset));
        assertThat(window.acknowledge(idOf.get((int) offset))).as("seed %d", seed).isEqualTo(fresh);
        model.put(offset, true);
        while (!model.isEmpty() && model.firstEntry().getValue()) {
          cursor = model.pollFirstEntry().getKey();
        }
      }
      assertThat(window.size()).as("seed %d", seed).isEqualTo(model.size());
      assertThat(subscription.cursor()).as("seed %d", seed).isEqualTo(cursor);
    }
  }

  private int[] send(InFlightWindow window, long... offsets) {
    int[] ids = new int[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      ids[i] = send(window, subscription, offsets[i]);
    }
    return ids;
  }

  /** Sends as a session does: adds the delivery to the window and moves {@code sent}. */
  private static int send(InFlightWindow window, SessionFeed subscription, long offset) {
    int id = window.add(subscription, offset);
    subscription.passed(offset);
    return id;
  }
}
