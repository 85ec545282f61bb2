// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.control.ControlBacklog.Batch;
import io.pabal.connector.control.ControlBacklog.Event;
import io.pabal.connector.control.ControlBacklog.LocationChange;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.schemas.topic.Feeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlBacklogTest {

  private static final Feeds FEEDS = new Feeds(4, 2);
  private static final int EVENT_BYTES_MAX = 100_000;

  private static final long GATHER_MILLIS = 3_600_000;

  private final ControlBacklog backlog = new ControlBacklog(EVENT_BYTES_MAX, GATHER_MILLIS);
  private final FeedTable table =
      new FeedTable(
          new FeedTable.Announcer() {
            @Override
            public void announce(Feed address) {
              backlog.announce(address);
            }

            @Override
            public void announceAgain(Feed address) {
              backlog.announceAgain(address);
            }

            @Override
            public void withdraw(Feed address) {
              backlog.withdraw(address);
            }
          },
          FEEDS,
          1);

  @Test
  void shouldHaveNoEntryForAnAddressThatWasAddedAndRemoved() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      table.release(table.acquire("a"));
    }

    assertThat(backlog.locationCount()).isZero();
    assertThat(takeAll()).isEmpty();
  }

  @Test
  void shouldReplaceAnEarlierActivationWithoutWithdrawingIt() throws Exception {
    Feed first = table.acquire("a");
    assertThat(takeAll()).containsExactly("+1");

    table.release(first);
    table.acquire("a");

    assertThat(takeAll()).containsExactly("+2");
  }

  @Test
  void shouldWithdrawTheActivationThatTheRouterKnows() throws Exception {
    Feed first = table.acquire("a");
    assertThat(takeAll()).containsExactly("+1");

    table.release(first);
    table.release(table.acquire("a"));

    assertThat(takeAll()).containsExactly("-1");
  }

  @Test
  void shouldWithdrawAnAddressThatWaitsToBeAnnouncedAgain() throws Exception {
    Feed address = table.acquire("a");
    assertThat(takeAll()).containsExactly("+1");
    backlog.announceAgain(address);

    table.release(address);

    assertThat(takeAll()).containsExactly("-1");
  }

  @Test
  void shouldBeFullUntilHalfOfTheEventsWereTaken() throws Exception {
    List<Event> added = new ArrayList<>();
    while (!backlog.isFull()) {
      Event event = new Event(new byte[10], new byte[200]);
      added.add(event);
      backlog.add(event);
      assertThat(added).hasSizeLessThan(EVENT_BYTES_MAX / 200);
    }

    List<Event> taken = new ArrayList<>();
    while (backlog.isFull()) {
      assertThat(taken).hasSizeLessThanOrEqualTo(added.size() / 2 + 1);
      taken.addAll(backlog.take(1, 0).events());
    }
    assertThat(taken).hasSizeGreaterThan(added.size() / 2 - 1);
    while (!backlog.isEmpty()) {
      taken.addAll(backlog.take(7, 0).events());
    }

    assertThat(taken).isEqualTo(added);
  }

  @Test
  void shouldTakeLocationsWhileEventsGather() throws Exception {
    // Given
    Event event = new Event(new byte[10], new byte[200]);
    backlog.add(event);
    table.acquire("a");

    // When
    Batch batch = backlog.take(10, GATHER_MILLIS);

    // Then
    assertThat(batch.locations()).hasSize(1);
    assertThat(batch.events()).isEmpty();
    assertThat(backlog.take(10, 0).events()).containsExactly(event);
  }

  @Test
  void shouldTakeEventsWhenTheyHaveGathered() throws Exception {
    // Given
    ControlBacklog quick = new ControlBacklog(EVENT_BYTES_MAX, 1);
    Event event = new Event(new byte[10], new byte[200]);
    quick.add(event);
    quick.add(event);

    // Then
    assertThat(quick.take(10, GATHER_MILLIS).events()).containsExactly(event, event);
  }

  /** Adds and removes addresses, and takes batches, in a random order. */
  @Test
  void shouldLeaveTheRouterWithTheAddressesThatAreHeld() throws Exception {
    long seed = System.nanoTime();
    System.out.println("ControlBacklogTest.leave seed=" + seed);
    Random random = new Random(seed);
    Map<String, Feed> held = new HashMap<>();
    Map<String, Long> router = new HashMap<>();
    int known = 0;
    for (int step = 0; step < 20_000; step++) {
      String name = "a" + random.nextInt(20);
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3, 4 -> {
          Feed address = held.remove(name);
          if (address == null) {
            held.put(name, table.acquire(name));
          } else {
            table.release(address);
          }
        }
        case 5 -> {
          Feed address = held.get(name);
          if (address != null && router.containsValue(address.activation())) {
            backlog.announceAgain(address);
          }
        }
        default -> {
          Batch batch = backlog.take(random.nextInt(4), 0);
          batch.locations().forEach(change -> apply(change, router));
          known = router.size();
        }
      }
      assertThat(backlog.locationCount())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(held.size() + known);
    }

    while (!backlog.isEmpty()) {
      backlog.take(5, 0).locations().forEach(change -> apply(change, router));
    }

    Map<String, Long> expected = new HashMap<>();
    held.forEach((name, address) -> expected.put(name, address.activation()));
    assertThat(router).as("seed %d", seed).isEqualTo(expected);
  }

  /** Applies the change as the router's location table does. */
  private static void apply(LocationChange change, Map<String, Long> router) {
    String name = change.feed().name();
    if (change.present()) {
      router.merge(name, change.feed().activation(), Math::max);
    } else {
      router.remove(name, change.feed().activation());
    }
  }

  private List<String> takeAll() throws InterruptedException {
    return backlog.take(Integer.MAX_VALUE, 0).locations().stream()
        .map(each -> (each.present() ? "+" : "-") + each.feed().activation())
        .toList();
  }
}
