// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubscriberSetTest {

  private final SubscriberSet set = new SubscriberSet();

  @Test
  void shouldHoldWhatWasAddedAndNotRemoved() {
    long seed = System.nanoTime();
    System.out.println("SubscriberSetTest seed=" + seed);
    Random random = new Random(seed);
    List<Subscriber> expected = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      if (expected.isEmpty() || random.nextInt(100) < 52) {
        Subscriber subscriber = new TestSubscriber();
        set.add(subscriber);
        expected.add(subscriber);
      } else {
        Subscriber subscriber = expected.remove(random.nextInt(expected.size()));
        set.remove(subscriber);
        set.remove(subscriber);
      }
      assertThat(set.isEmpty()).isEqualTo(expected.isEmpty());
    }

    assertThat(members()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void shouldSkipNoSubscriberWhenOneRemovesItself() {
    List<Subscriber> all = fill(10);
    List<Subscriber> called = new ArrayList<>();

    set.forEach(
        subscriber -> {
          called.add(subscriber);
          set.remove(subscriber);
        });

    assertThat(called).containsExactlyInAnyOrderElementsOf(all);
    assertThat(set.isEmpty()).isTrue();
  }

  @Test
  void shouldSkipNoSubscriberWhenOneRemovesAnother() {
    List<Subscriber> all = fill(10);
    Set<Subscriber> called = new HashSet<>();

    set.forEach(
        subscriber -> {
          called.add(subscriber);
          set.remove(all.get(0));
          set.remove(all.get(4));
        });

    assertThat(called).containsAll(all.subList(5, 10));
    assertThat(set.isEmpty()).isFalse();
  }

  @Test
  void shouldFailASubscriberThatThrowsAndCallTheRest() {
    List<Subscriber> all = fill(3);
    List<Subscriber> called = new ArrayList<>();
    RuntimeException failure = new IllegalStateException("intended by the test");

    set.forEach(
        subscriber -> {
          called.add(subscriber);
          if (subscriber.equals(all.get(1))) {
            throw failure;
          }
        });

    assertThat(called).hasSize(3);
    assertThat(((TestSubscriber) all.get(1)).failures).containsExactly(failure);
    assertThat(((TestSubscriber) all.get(0)).failures).isEmpty();
  }

  @Test
  void shouldCallTheRestWhenOneThrowsAnError() {
    List<Subscriber> all = fill(3);
    List<Subscriber> called = new ArrayList<>();
    Error failure = new NoClassDefFoundError("intended by the test");

    set.forEach(
        subscriber -> {
          called.add(subscriber);
          if (subscriber.equals(all.get(1))) {
            throw failure;
          }
        });

    assertThat(called).hasSize(3);
    assertThat(((TestSubscriber) all.get(1)).failures).containsExactly(failure);
  }

  @Test
  void shouldCallTheRestWhenFailingASubscriberThrows() {
    List<Subscriber> all = fill(1);
    TestSubscriber broken = new TestSubscriber();
    broken.onFailure =
        () -> {
          throw new AssertionError("intended by the test");
        };
    set.add(broken);
    List<Subscriber> called = new ArrayList<>();

    set.forEach(
        subscriber -> {
          called.add(subscriber);
          if (subscriber.equals(broken)) {
            throw new AssertionError("intended by the test");
          }
        });

    assertThat(called).containsExactly(broken, all.getFirst());
  }

  private List<Subscriber> fill(int count) {
    List<Subscriber> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new TestSubscriber());
      set.add(all.get(i));
    }
    return all;
  }

  private List<Subscriber> members() {
    List<Subscriber> members = new ArrayList<>();
    set.forEach(members::add);
    return members;
  }
}
