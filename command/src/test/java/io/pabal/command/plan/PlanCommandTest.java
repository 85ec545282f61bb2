// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal;
import io.pabal.command.operations.RunningPabal.Result;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlanCommandTest {

  @Test
  void shouldPlanARedisClusterForTheLargeLoad() throws Exception {
    JsonNode plan = plan("--sessions", "40M", "--rate", "500K", "--peak", "6.5M", "--fanout", "3");

    assertThat(value(plan, "for the sessions"))
        .isEqualTo(40_000_000.0 / UnitCost.SESSIONS_PER_CONNECTOR.value());
    assertThat(value(plan, "primaries")).isGreaterThan(1);
    assertThat(value(plan, "replicas")).isEqualTo(value(plan, "primaries"));
    assertThat(plan.get("remarks").toString())
        .contains("redis-cluster://")
        .doesNotContain("TOO MANY");
  }

  @Test
  void shouldWarnOfMorePrimariesThanOneClusterTakes() throws Exception {
    JsonNode plan =
        plan("--sessions", "40M", "--rate", "500K", "--peak", "6.5M", "--timeline-age", "7d");

    assertThat(plan.get("remarks").toString()).contains("TOO MANY FOR ONE REDIS CLUSTER");
  }

  @Test
  void shouldNotWarnWhenOneRedisIsEnough() throws Exception {
    JsonNode plan =
        plan("--sessions", "20K", "--rate", "500", "--peak", "2K", "--timeline-age", "24h");

    assertThat(value(plan, "primaries")).isEqualTo(1);
    assertThat(plan.get("remarks").toString()).doesNotContain("redis-cluster://");
  }

  @Test
  void shouldReckonDiskFromRateRetentionAndReplicas() throws Exception {
    JsonNode plan =
        plan(
            "--sessions",
            "1M",
            "--rate",
            "1K",
            "--retention",
            "10h",
            "--replicas",
            "2",
            "--payload-bytes",
            "1K");

    double message =
        1_000 + UnitCost.ADDRESS_BYTES.value() + UnitCost.KAFKA_BYTES_PER_MESSAGE.value();
    assertThat(value(plan, "disk for messages")).isEqualTo(1_000 * 36_000 * message * 2);
  }

  @Test
  void shouldSayWhereEveryUnitCostComesFrom() {
    assertThat(Arrays.stream(UnitCost.values()))
        .allSatisfy(
            cost -> {
              assertThat(cost.value()).isPositive();
              assertThat(cost.source()).isNotBlank();
            });
  }

  @Test
  void shouldShowItsWorking() {
    Result result = RunningPabal.runAsIs("plan", "--sessions", "40M", "--rate", "500K");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(result.out())
        .contains("40 M sessions / 500 K each", "TARGET", "MEASURED", "ASSUMED");
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    assertThat(usage("--sessions", "many", "--rate", "1"))
        .contains("many (expected: a number, such as 500K, 6.5M or 40M)");
    assertThat(usage("--sessions", "1", "--rate", "10", "--peak", "5"))
        .isEqualTo("--peak: 5 (expected: 10-1000000000).\n");
    assertThat(usage("--sessions", "1", "--rate", "10", "--retention", "soon"))
        .isEqualTo("--retention: soon (expected: a time such as 7d or 36h).\n");
  }

  private static JsonNode plan(String... arguments) throws Exception {
    String[] all =
        Stream.concat(
                Stream.of("plan"),
                Stream.concat(Arrays.stream(arguments), Stream.of("--format", "json")))
            .toArray(String[]::new);
    return new ObjectMapper().readTree(RunningPabal.runAsIs(all).out());
  }

  private static double value(JsonNode plan, String what) {
    for (JsonNode line : plan.get("lines")) {
      if (line.get("what").asText().equals(what)) {
        return line.get("value").asDouble();
      }
    }
    throw new AssertionError(what + " is not in " + plan);
  }

  private static String usage(String... arguments) {
    Result result =
        RunningPabal.runAsIs(
            Stream.concat(Stream.of("plan"), Arrays.stream(arguments)).toArray(String[]::new));
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    return result.err();
  }
}
