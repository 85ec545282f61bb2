// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of time in a topic whose producers gave the timestamps, with clocks that were wrong. */
@ExtendWith(RunningPabal.Extension.class)
class TimeRangeTest {

  private static final String TOPIC = "deliveries.wrong-clocks";
  private static Instant noon;
  private static RunningPabal pabal;

  @BeforeAll
  static void write(RunningPabal running) throws Exception {
    pabal = running;
    noon = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    try (Admin admin = pabal.admin()) {
      var topic =
          new NewTopic(TOPIC, 1, (short) -1)
              .configs(Map.of("message.timestamp.type", "CreateTime"));
      admin.createTopics(List.of(topic)).all().get();
      write("before", noon.minusSeconds(60));
      write("fast-clock", noon.plus(50, ChronoUnit.MINUTES));
      write("behind-it", noon.minusSeconds(30));
      write("slow-clock", noon.minus(30, ChronoUnit.DAYS));
      write("last-before", noon.minusSeconds(1));
      write("after", noon);
      write("last", noon.plusSeconds(60));
    }
  }

  @AfterAll
  static void delete() throws Exception {
    try (Admin admin = pabal.admin()) {
      admin.deleteTopics(List.of(TOPIC)).all().get();
    }
  }

  @Test
  void shouldShowEveryRecordBeforeATimeWhenAFastClockLiesBetween() {
    assertThat(keys("--to", "@" + noon))
        .containsExactly("before", "behind-it", "slow-clock", "last-before");
  }

  @Test
  void shouldShowEveryRecordSinceATimeWhenASlowClockLiesBetween() {
    assertThat(keys("--from", "@" + noon.minusSeconds(45)))
        .containsExactly("fast-clock", "behind-it", "slow-clock", "last-before", "after", "last");
  }

  @Test
  void shouldShowNothingWhenEveryRecordIsNewer() {
    assertThat(keys("--to", "@2026-01-01T00:00Z")).isEmpty();
  }

  @Test
  void shouldShowWhatAFastClockWroteWhenItsTimeIsAskedFor() {
    assertThat(keys("--to", "@" + noon.plus(2, ChronoUnit.HOURS))).hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@+999999999-12-31T23:59:59Z",
        "@-999999999-01-01T00:00:00Z",
        "@+10000-01-01T00:00Z",
        "@1969-12-31T23:59:59Z",
        "@2026-13-01T00:00Z",
        "@2026-02-30T00:00Z",
        "@2026-01-01T25:00Z",
        "@9223372036854775807",
        "-99999999999d",
        "-1y",
        "99999999999999999999:1",
        "0:99999999999999999999"
      })
  void shouldSayWhichPositionsThereAreWhenATimeIsAbsurd(String absurd) {
    for (String flag : new String[] {"--from", "--to"}) {
      Result result = pabal.run("tail", TOPIC, flag + "=" + absurd);

      assertThat(result.exitCode()).as(flag).isEqualTo(ExitCode.USAGE);
      assertThat(result.err()).contains(absurd, "(expected: ").doesNotContain("overflow");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay --from=start --to=@+999999999-12-31T23:59:59Z",
        "replay --from=@+999999999-12-31T23:59:59Z",
        "replay --from=-99999999999d",
        "rebuild --dry-run --from=@+999999999-12-31T23:59:59Z",
        "rebuild --dry-run --from=-99999999999d"
      })
  void shouldSayWhichPositionsThereAreWhenAnotherCommandGetsAnAbsurdTime(String command) {
    Result result = pabal.run(command.split(" ", -1));

    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("(expected: ").doesNotContain("overflow");
  }

  private static List<String> keys(String... range) {
    String[] arguments = new String[range.length + 2];
    arguments[0] = "tail";
    arguments[1] = TOPIC;
    System.arraycopy(range, 0, arguments, 2, range.length);
    Result result = pabal.run(arguments);
    assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.OK);
    return result.lines().stream().map(line -> line.split(" ", 4)[2]).toList();
  }

  private static void write(String key, Instant time) {
    pabal.write(
        new ProducerRecord<byte[], byte[]>(
            TOPIC, 0, time.toEpochMilli(), key.getBytes(UTF_8), new byte[] {1}));
  }
}
