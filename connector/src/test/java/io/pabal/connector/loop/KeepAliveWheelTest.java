// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepAliveWheelTest {

  private static final int WATCHED = 2_000;
  private static final int TICKS = 5_000;

  private final KeepAliveWheel wheel = new KeepAliveWheel();
  private int now;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 90, 510, 511, 512, 513, 1_024, 3_000, 98_303})
  void shouldExpireOneTickAfterASilentTimeout(int timeoutSeconds) {
    TestEntry entry = new TestEntry();
    wheel.watch(entry, timeoutSeconds);

    tick(timeoutSeconds);
    assertThat(entry.expiredAt).isEmpty();

    tick(1);
    assertThat(entry.expiredAt).containsExactly(timeoutSeconds + 1);
    tick(2 * timeoutSeconds);
    assertThat(entry.expiredAt).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 600})
  void shouldCountFromTheLastSignOfLife(int timeoutSeconds) {
    TestEntry entry = new TestEntry();
    wheel.watch(entry, timeoutSeconds);
    tick(timeoutSeconds - 1);
    entry.heard(wheel);

    tick(timeoutSeconds);
    assertThat(entry.expiredAt).isEmpty();
    tick(1);
    assertThat(entry.expiredAt).hasSize(1);
  }

  @Test
  void shouldNotExpireAnEntryThatWasForgottenOrHasNoTimeout() {
    TestEntry forgotten = new TestEntry();
    TestEntry turnedOff = new TestEntry();
    TestEntry never = new TestEntry();
    wheel.watch(forgotten, 2);
    wheel.watch(turnedOff, 2);
    wheel.watch(never, 0);

    wheel.forget(forgotten);
    wheel.forget(forgotten);
    wheel.watch(turnedOff, 0);
    tick(2_000);

    assertThat(forgotten.expiredAt).isEmpty();
    assertThat(turnedOff.expiredAt).isEmpty();
    assertThat(never.expiredAt).isEmpty();
  }

  @Test
  void shouldUseTheChangedTimeout() {
    TestEntry entry = new TestEntry();
    wheel.watch(entry, 10);
    tick(5);
    wheel.watch(entry, 20);

    tick(20);
    assertThat(entry.expiredAt).isEmpty();
    tick(1);
    assertThat(entry.expiredAt).containsExactly(26);
  }

  @Test
  void shouldNotExpireASilentEntryThatIsAlive() {
    TestEntry entry = new TestEntry();
    entry.alive = true;
    wheel.watch(entry, 5);
    tick(100);
    assertThat(entry.expiredAt).isEmpty();

    entry.alive = false;
    tick(6);
    assertThat(entry.expiredAt).hasSize(1);
  }

  @Test
  void shouldKeepTheRemainingEntriesOfASlotWhenSomeAreForgotten() {
    List<TestEntry> entries = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      entries.add(new TestEntry());
      wheel.watch(entries.get(i), 7);
    }

    // First, middle and last of the slot's list.
    wheel.forget(entries.get(5));
    wheel.forget(entries.get(2));
    wheel.forget(entries.get(0));
    tick(8);

    assertThat(entries.stream().map(each -> each.expiredAt.size()))
        .containsExactly(0, 1, 0, 1, 1, 0);
  }

  @Test
  void shouldLetAnEntryBeWatchedAgainWhileItExpires() {
    TestEntry entry = new TestEntry();
    entry.onExpired = () -> wheel.watch(entry, 3);
    wheel.watch(entry, 3);

    tick(12);

    assertThat(entry.expiredAt).containsExactly(4, 8, 12);
  }

  @Test
  void shouldExpireEachEntryAtTheTickOfASimpleModel() {
    long seed = System.nanoTime();
    System.out.println("KeepAliveWheelTest seed=" + seed);
    Random random = new Random(seed);
    List<TestEntry> entries = new ArrayList<>();
    int[] lastHeard = new int[WATCHED];
    int[] timeouts = new int[WATCHED];
    for (int i = 0; i < WATCHED; i++) {
      entries.add(new TestEntry());
      timeouts[i] = 1 + random.nextInt(1_500);
      wheel.watch(entries.get(i), timeouts[i]);
    }

    for (int t = 0; t < TICKS; t++) {
      for (int k = 0; k < 5; k++) {
        int i = random.nextInt(WATCHED);
        if (entries.get(i).expiredAt.isEmpty()) {
          entries.get(i).heard(wheel);
          lastHeard[i] = now;
        }
      }
      tick(1);
    }

    for (int i = 0; i < WATCHED; i++) {
      int due = lastHeard[i] + timeouts[i] + 1;
      assertThat(entries.get(i).expiredAt)
          .as("entry %d, seed %d", i, seed)
          .isEqualTo(due <= now ? List.of(due) : List.of());
    }
  }

  @Test
  void shouldCheckTheRemainingEntriesOfATickWhenOneThrowsAnError() {
    TestEntry before = new TestEntry();
    TestEntry broken = new TestEntry();
    TestEntry behind = new TestEntry();
    broken.onExpired =
        () -> {
          throw new AssertionError("intended by the test");
        };
    List.of(before, broken, behind).forEach(each -> wheel.watch(each, 2));

    tick(3);

    assertThat(before.expiredAt).hasSize(1);
    assertThat(behind.expiredAt).hasSize(1);
    assertThat(broken.failures).singleElement().isInstanceOf(AssertionError.class);
  }

  private void tick(int times) {
    for (int i = 0; i < times; i++) {
      now++;
      wheel.tick();
    }
  }

  private final class TestEntry extends KeepAliveWheel.Entry {
    final List<Integer> expiredAt = new ArrayList<>();
    boolean alive;
    final List<Throwable> failures = new ArrayList<>();
    Runnable onExpired = () -> {};

    @Override
    protected void expired() {
      expiredAt.add(now);
      onExpired.run();
    }

    @Override
    protected boolean isAlive() {
      return alive;
    }

    @Override
    protected void failed(Throwable cause) {
      failures.add(cause);
    }
  }
}
