// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.bench.load.FaultyServer.Fault;
import io.pabal.bench.load.figure.Cpu;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.figure.Rounds;
import io.pabal.bench.load.plan.IdlePlan;
import io.pabal.bench.load.plan.ReturnPlan;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether every round is judged, and what several of them say together. */
class RoundsTest {

  private static final int SESSIONS = 3;

  /** With one more to see that it is live, four a round: the server loses the fifth. */
  private static final int WAITING = 3;

  @ParameterizedTest
  @CsvSource({"NONE, 3, 0, true", "LOSE, 1, 0, true", "LOSE, 2, 1, false"})
  void shouldSeeWhatReturningSessionsLoseInLaterRound(
      Fault fault, int rounds, int lostOfEach, boolean passes) throws Exception {
    LoadReport report;
    try (FaultyServer server = new FaultyServer(fault)) {
      var plan =
          new ReturnPlan("test", SESSIONS, WAITING, 100, 10, SESSIONS, rounds, Duration.ZERO);
      report = new ReturnBench(target(server), plan, line -> {}).run();
    }

    assertThat(value(report.figures(), "lost")).as("%s", report).isEqualTo(lostOfEach * SESSIONS);
    assertThat(report.passed()).as("%s", report).isEqualTo(passes);
    assertThat(report.rounds())
        .hasSize(rounds)
        .allSatisfy(
            round -> {
              assertThat(value(round, "sessions")).isEqualTo(SESSIONS);
              assertThat(value(round, "messagesPerSecond")).isPositive();
              assertThat(value(round, "ownCpuSecondsPerMillion")).isNotNegative();
            });
  }

  @ParameterizedTest
  @CsvSource({"NONE, true", "LOSE, false"})
  void shouldProbeSessionsThatSubscribedAgain(Fault fault, boolean passes) throws Exception {
    LoadReport report;
    try (FaultyServer server = new FaultyServer(fault)) {
      var plan = new IdlePlan(SESSIONS, false, 1, 2, Duration.ZERO, Duration.ofSeconds(1), 0, 20);
      report = new IdleBench(target(server), plan, line -> {}).run();
    }

    assertThat(value(report.figures(), "probes")).as("%s", report).isPositive();
    assertThat(report.passed()).as("%s", report).isEqualTo(passes);
    assertThat(report.rounds())
        .hasSize(2)
        .allSatisfy(round -> assertThat(value(round, "connectsPerSecond")).isPositive());
  }

  @Test
  void shouldShowMedianWithLowestAndHighest() {
    var rounds = new Rounds(true, Cpu.Unit.SESSION);
    List<Figure> figures = new ArrayList<>();

    for (long rate : List.of(10, 40, 20, 31)) {
      rounds.add(List.of(Figure.of("rate", "rate", rate)), new Cpu(1e-3, 5e-4), 10);
    }
    rounds.show(figures, "rate");
    rounds.showCpu(figures, "");

    assertThat(value(figures, "rate")).isEqualTo(25.5);
    assertThat(value(figures, "rateMin")).isEqualTo(10);
    assertThat(value(figures, "rateMax")).isEqualTo(40);
    assertThat(value(figures, "serverCpuMicrosPerSession")).isEqualTo(100);
    assertThat(value(figures, "ownShareOfServer")).isEqualTo(0.5);
  }

  private static Target target(FaultyServer server) {
    return new Target(Endpoint.loopback(server.port()), List.of(), 1, 60, 0, Duration.ofSeconds(1));
  }

  private static double value(List<Figure> figures, String key) {
    return figures.stream()
        .filter(each -> each.key().equals(key))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
