// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The faults of a run: a pure function of the seed, the duration, the allowed kinds and the parts.
 *
 * <p>Faults are drawn from a shuffled deck that contains each kind for each part, so a run of five
 * minutes gets every combination about once. One fault in four comes at most half a second after
 * the previous fault. A part gets its next fault at the earliest {@value #RECOVERY_MILLIS} ms after
 * the planned end of its last fault. Faults of different parts may overlap.
 */
public final class FaultPlan {

  private static final int GAP_MIN_MILLIS = 5_000;
  private static final int GAP_MAX_MILLIS = 18_000;
  private static final int PAUSE_MIN_MILLIS = 1_000;
  private static final int PAUSE_MAX_MILLIS = 15_000;

  /** A primary that is paused is replaced by its replica before it continues. */
  private static final int PAUSE_OF_PRIMARY_MIN_MILLIS = 5_000;

  private static final int DOWN_MAX_MILLIS = 6_000;
  private static final int RECOVERY_MILLIS = 6_000;

  /** The time at the end of the run without new faults. */
  private static final int TAIL_MILLIS = 5_000;

  private FaultPlan() {}

  /** The faults, in the order of their times. */
  public static List<Fault> of(
      long seed, Duration duration, Set<FaultKind> kinds, Set<ProcessKind> parts) {
    Random random = new Random(seed);
    List<Fault> faults = new ArrayList<>();
    Map<ProcessKind, Long> upAt = new EnumMap<>(ProcessKind.class);
    List<Card> deck = new ArrayList<>();
    long at = between(random, 1_000, GAP_MIN_MILLIS);
    while (at < duration.toMillis() - TAIL_MILLIS) {
      if (deck.isEmpty()) {
        deck.addAll(fullDeck(kinds, parts));
        Collections.shuffle(deck, random);
      }
      Card card = takeReady(deck, upAt, at);
      if (card != null) {
        long lasts = lasts(random, card);
        faults.add(new Fault(faults.size() + 1, at, card.kind, card.part, lasts));
        upAt.put(card.part, at + lasts + RECOVERY_MILLIS);
      }
      at +=
          random.nextInt(4) == 0
              ? between(random, 0, 500)
              : between(random, GAP_MIN_MILLIS, GAP_MAX_MILLIS);
    }
    return List.copyOf(faults);
  }

  private record Card(FaultKind kind, ProcessKind part) {}

  private static List<Card> fullDeck(Set<FaultKind> kinds, Set<ProcessKind> parts) {
    List<Card> deck = new ArrayList<>();
    for (FaultKind kind : FaultKind.values()) {
      if (kinds.contains(kind)) {
        for (ProcessKind part : ProcessKind.values()) {
          if (parts.contains(part) && canHit(kind, part)) {
            deck.add(new Card(kind, part));
          }
        }
      }
    }
    return deck;
  }

  private static boolean canHit(FaultKind kind, ProcessKind part) {
    return switch (kind) {
      case KILL, PAUSE, RESTART -> true;
      case FLUSH -> part == ProcessKind.REDIS || part.isRedisPrimary();
      case MOVE -> part.isRedisPrimary();
    };
  }

  private static @Nullable Card takeReady(List<Card> deck, Map<ProcessKind, Long> upAt, long at) {
    for (Card card : deck) {
      if (upAt.getOrDefault(card.part, 0L) <= at) {
        deck.remove(card);
        return card;
      }
    }
    return null;
  }

  private static long lasts(Random random, Card card) {
    return switch (card.kind) {
      case PAUSE ->
          between(
              random,
              card.part.isRedisPrimary() ? PAUSE_OF_PRIMARY_MIN_MILLIS : PAUSE_MIN_MILLIS,
              PAUSE_MAX_MILLIS);
      case KILL, RESTART -> random.nextBoolean() ? 0 : between(random, 0, DOWN_MAX_MILLIS);
      case FLUSH, MOVE -> 0;
    };
  }

  private static long between(Random random, int min, int max) {
    return random.nextInt(min, max + 1);
  }
}
