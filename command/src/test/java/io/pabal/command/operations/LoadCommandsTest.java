// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code pabal bench pairs}, {@code fanout} and so on against a running Pabal. */
@ExtendWith(RunningPabal.Extension.class)
class LoadCommandsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static RunningPabal pabal;
  private static TimelineWriter timelineWriter;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
    timelineWriter = running.startTimelineWriter();
  }

  @AfterAll
  static void stop() {
    timelineWriter.close();
  }

  @ParameterizedTest
  @CsvSource({
    "pairs --pairs 4 --window 2 --persistent --warm-up 0 --seconds 1, deliveries",
    "pairs --pairs 4 --rate 200 --protocol 3 --persistent --warm-up 0 --seconds 1, deliveries",
    "pairs --pairs 4 --publish-qos 0 --rate 200 --loops 2 --warm-up 0 --seconds 1, deliveries",
    "fanout --subscribers 20 --loops 2 --warm-up 0 --seconds 1, deliveries",
    "idle --sessions 101 --probe-rate 50 --keep-alive 2 --source-addresses 2 --seconds 2, probes",
    "idle --sessions 10 --rounds 2 --settle 0 --keep-alive 2 --seconds 2, pongs",
    "idle --sessions 20 --persistent --live-rate 100 --seconds 1, liveP99Ratio",
    "resume --sessions 10 --messages 50 --rounds 2 --settle 0, messagesPerSecond",
    "storm-connect --sessions 50 --settle 0, sessionsPerSecond"
  })
  void shouldLoseNothingAndReportFigures(String commandLine, String figure) throws Exception {
    Result result = run(commandLine);

    assertThat(result.exitCode()).as("%s%s", result.out(), result.err()).isEqualTo(ExitCode.OK);
    JsonNode report = JSON.readTree(result.out());
    assertThat(report.get("passed").asBoolean()).isTrue();
    assertThat(report.get(figure).asDouble()).as("%s", report).isPositive();
    assertThat(report.get("lost").asInt()).isZero();
    assertThat(report.get("ownCpuSeconds").asDouble()).isPositive();
    assertThat(report.get("serverCpuSeconds").asDouble()).isNotNegative();
  }

  @Test
  void shouldReportWhatABurstDoesToThoseWhoConnect() throws Exception {
    Result result = run("burst --sessions 30 --bursts 1 --observe 1");

    assertThat(result.exitCode()).as("%s%s", result.out(), result.err()).isEqualTo(ExitCode.OK);
    JsonNode burst = JSON.readTree(result.out()).get("bursts").get(0);
    assertThat(burst.get("seconds").asDouble()).isPositive();
    assertThat(burst.get("connectP99MillisAfter").asDouble()).isPositive();
  }

  @Test
  void shouldSayWhenServerIsNotThere() {
    Result result = RunningPabal.runAsIs("bench", "pairs", "--port", "1");

    assertThat(result.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(result.err()).contains("no MQTT server at 127.0.0.1:1: ").contains("--port");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pairs --payload 19        | --payload: 19 (expected: 20-1048576).",
        "pairs --publish-qos 2     | --publish-qos: 2 (expected: 0-1).",
        "pairs --protocol 4        | --protocol: 4 (expected: 5 for MQTT 5",
        "pairs --server-pid 0      | --server-pid: 0 (expected: a process",
        "idle --sessions 5000000   | 5000001 connections: this process may open",
        "resume --messages 0       | --messages: 0 (expected: 1-100000).",
        "idle --rounds 0           | --rounds: 0 (expected: 1-1000).",
        "fanout --host 192.0.2.1 --source-addresses 2 | --source-addresses: 2 (expected: 1 for a server that is not"
      })
  void shouldRefuseWhatCannotBe(String commandLine, String message) {
    Result result = run(commandLine);

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith(message);
    assertThat(result.out()).isEmpty();
  }

  private static Result run(String commandLine) {
    List<String> arguments = new ArrayList<>(List.of("bench"));
    arguments.addAll(List.of(commandLine.strip().split(" +", -1)));
    arguments.addAll(List.of("--port", Integer.toString(pabal.port()), "--format", "json"));
    if (!arguments.contains("--server-pid")) {
      arguments.addAll(List.of("--server-pid", Long.toString(ProcessHandle.current().pid())));
    }
    return RunningPabal.runAsIs(arguments.toArray(String[]::new));
  }
}
