// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.bench.load.FaultyServer.Fault;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.load.plan.TrafficPlan;
import io.pabal.bench.mqtt.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether what a server does wrong is seen. */
class TrafficBenchTest {

  /** Figures that are above 0 only when something is wrong. */
  private static final Set<String> WRONG =
      Set.of("lost", "duplicates", "outOfOrder", "misrouted", "dropped", "refused", "unanswered");

  @ParameterizedTest
  @CsvSource({
    "NONE, , true",
    "LOSE, lost, false",
    "REPEAT, duplicates, true",
    "SWAP_WITH_NEXT, outOfOrder, false",
    "SEND_TO_ANOTHER, misrouted, false",
    "REFUSE, refused, true"
  })
  void shouldSeeWhatServerDoesWrong(Fault fault, String seen, boolean passes) throws Exception {
    LoadReport report = run(fault);

    assertThat(
            report.figures().stream()
                .filter(each -> WRONG.contains(each.key()) && each.value() > 0))
        .as("%s", report)
        .extracting(Figure::key)
        .containsExactlyElementsOf(seen == null ? List.of() : List.of(seen));
    assertThat(report.passed()).isEqualTo(passes);
    assertThat(figure(report, "deliveries")).isPositive();
  }

  @Test
  void shouldSeeThatConnectionEnded() throws Exception {
    LoadReport report = run(Fault.DISCONNECT);

    assertThat(figure(report, "dropped")).isEqualTo(1);
    assertThat(figure(report, "lost")).isPositive();
    assertThat(report.passed()).isFalse();
    assertThat(report.examples()).first().asString().contains("the server closed the connection");
  }

  private static LoadReport run(Fault fault) throws Exception {
    try (FaultyServer server = new FaultyServer(fault)) {
      var target =
          new Target(Endpoint.loopback(server.port()), List.of(), 1, 60, 0, Duration.ofSeconds(1));
      var plan =
          new TrafficPlan(
              "test", 2, 1, 100, 1, 1, false, 5, 400, Duration.ZERO, Duration.ofSeconds(1), 10);
      return new TrafficBench(target, plan, line -> {}).run();
    }
  }

  private static double figure(LoadReport report, String key) {
    return report.figures().stream()
        .filter(each -> each.key().equals(key))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
