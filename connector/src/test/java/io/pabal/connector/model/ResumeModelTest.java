// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.history.HistoryReader;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.model.Simulation.Shape;
import io.pabal.schemas.Codecs;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of the whole resume protocol. A failure prints its seed and the shortest history
 * found that fails as well; {@code -Dpabal.model.seed=<seed> -Dpabal.model.steps=<steps>} replays
 * it.
 */
@ExtendWith(Servers.Extension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResumeModelTest {

  private static final int STEPS = Integer.getInteger("pabal.model.steps", 300);
  private static final int FIXED_SEEDS = 40;
  private static final int RANDOM_SEEDS = 10;
  private static final long SHRINK_SECONDS = 60;

  /** Many addresses per session; few of everything; and everybody at the same address. */
  private static final List<Shape> SHAPES =
      List.of(new Shape(2, 9, 3, 3), new Shape(1, 2, 2, 2), new Shape(1, 1, 2, 3));

  private final SharedRedis redis;
  private final Ingress ingress;
  private final HistoryReader history;

  ResumeModelTest(Servers servers) throws InterruptedException {
    redis = new SharedRedis(URI.create(servers.redisUri() + "/1"));
    history = servers.history();
    ingress =
        new Ingress(servers.kafkaConfig(), Codecs.MESSAGE, List.of(), new ConnectorMetrics(), null);
  }

  @AfterAll
  void close() {
    ingress.close();
    redis.close();
  }

  @Test
  void shouldKeepItsPromisesWhateverHappensInWhateverOrder() {
    Long seed = Long.getLong("pabal.model.seed");
    LongStream seeds =
        seed != null
            ? LongStream.of(seed)
            : LongStream.concat(LongStream.range(0, FIXED_SEEDS), new Random().longs(RANDOM_SEEDS));
    seeds.forEach(this::check);
  }

  static Stream<Named<List<Command>>> knownHistories() {
    return KnownHistories.all().entrySet().stream()
        .map(each -> Named.of(each.getKey(), each.getValue()));
  }

  @ParameterizedTest
  @MethodSource("knownHistories")
  void shouldKeepItsPromisesWhen(List<Command> history) {
    Failure failure = failure(KnownHistories.SHAPE, history, true);
    if (failure != null) {
      throw new AssertionError(failure.toString(), failure.cause());
    }
  }

  private void check(long seed) {
    Shape shape = SHAPES.get(Math.floorMod(seed, SHAPES.size()));
    List<Command> history = Command.history(new Random(seed), STEPS);
    Failure failure = failure(shape, history, false);
    if (failure != null) {
      Failure shortest =
          Shrinker.shrink(
              failure,
              TimeUnit.SECONDS.toNanos(SHRINK_SECONDS),
              each -> failure(shape, each, false));
      throw new AssertionError(
          "-Dpabal.model.seed=%d -Dpabal.model.steps=%d fails. The shortest history found:%n%s"
              .formatted(seed, STEPS, shortest),
          shortest.cause());
    }
  }

  /**
   * Plays a history; null when nothing was wrong.
   *
   * @param strict whether a command that finds nothing to do is wrong: a known history in which it
   *     does no longer tests what it is named for
   */
  private @Nullable Failure failure(Shape shape, List<Command> history, boolean strict) {
    try (Simulation simulation = new Simulation(shape, redis, ingress, this.history)) {
      List<Command> done = new ArrayList<>();
      try {
        for (Command command : history) {
          done.add(command);
          int before = simulation.trace().size();
          simulation.run(command);
          if (strict && simulation.trace().size() == before) {
            throw new IllegalStateException(command + " finds nothing to do");
          }
        }
        simulation.finish();
        return null;
      } catch (InvariantBroken | RuntimeException e) {
        return new Failure(List.copyOf(done), simulation.trace(), e);
      }
    }
  }

  /** A history that fails, up to the command that did. */
  record Failure(List<Command> history, List<String> trace, Throwable cause) {

    @Override
    public String toString() {
      return String.join("\n", trace) + "\n" + cause;
    }

    boolean isLike(Failure other) {
      return cause.getClass() == other.cause.getClass()
          && (!(cause instanceof InvariantBroken broken)
              || broken.invariant() == ((InvariantBroken) other.cause).invariant());
    }
  }
}
