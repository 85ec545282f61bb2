// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultPlanTest {

  private static final Duration DURATION = Duration.ofMinutes(5);

  @Test
  void shouldBePureFunctionOfItsSeed() {
    assertThat(plan(7)).isEqualTo(plan(7)).isNotEqualTo(plan(8));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void shouldContainManyFaultsOfEveryKindForFiveMinutes(long seed) {
    List<Fault> plan = plan(seed);

    assertThat(plan).hasSizeBetween(18, 45);
    assertThat(plan.stream().map(Fault::kind).collect(Collectors.toSet()))
        .contains(FaultKind.KILL, FaultKind.PAUSE, FaultKind.RESTART);
    assertThat(plan.stream().map(Fault::part).collect(Collectors.toSet())).hasSize(8);
    assertThat(plan).allMatch(fault -> fault.atMillis() < DURATION.toMillis());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void shouldLetAPartRecoverBeforeItsNextFault(long seed) {
    Map<ProcessKind, Long> backAt = new EnumMap<>(ProcessKind.class);
    for (Fault fault : plan(seed)) {
      assertThat(fault.atMillis()).isGreaterThan(backAt.getOrDefault(fault.part(), 0L));
      backAt.put(fault.part(), fault.atMillis() + fault.lastsMillis());
    }
  }

  @Test
  void shouldContainOnlyTheAllowedKinds() {
    assertThat(FaultPlan.of(7, DURATION, EnumSet.of(FaultKind.FLUSH), ProcessKind.onOneRedis()))
        .isNotEmpty()
        .allMatch(fault -> fault.kind() == FaultKind.FLUSH && fault.part() == ProcessKind.REDIS);
  }

  @Test
  void shouldNotDependOnWhatOnlyAClusterHas() {
    assertThat(plan(7))
        .isEqualTo(
            FaultPlan.of(
                7,
                DURATION,
                EnumSet.complementOf(EnumSet.of(FaultKind.MOVE)),
                ProcessKind.onOneRedis()))
        .noneMatch(fault -> fault.part().isRedisPrimary());
  }

  @Test
  void shouldHitEachPrimaryOfAClusterInEveryWay() {
    List<Fault> plan =
        FaultPlan.of(
            7, Duration.ofHours(1), EnumSet.allOf(FaultKind.class), ProcessKind.onRedisCluster());

    for (ProcessKind part :
        List.of(ProcessKind.REDIS_1, ProcessKind.REDIS_2, ProcessKind.REDIS_3)) {
      assertThat(plan.stream().filter(fault -> fault.part() == part).map(Fault::kind))
          .contains(FaultKind.values());
    }
    assertThat(plan)
        .noneMatch(fault -> fault.part() == ProcessKind.REDIS)
        .filteredOn(fault -> fault.kind() == FaultKind.PAUSE && fault.part().isRedisPrimary())
        .allMatch(fault -> fault.lastsMillis() >= 5_000);
    assertThat(plan)
        .filteredOn(fault -> fault.kind() == FaultKind.MOVE)
        .allMatch(fault -> fault.part().isRedisPrimary());
  }

  private static List<Fault> plan(long seed) {
    return FaultPlan.of(seed, DURATION, EnumSet.allOf(FaultKind.class), ProcessKind.onOneRedis());
  }
}
