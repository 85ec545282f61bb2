// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import io.pabal.command.operations.RunningPabal.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code pabal topics} against a running Pabal. */
@ExtendWith(RunningPabal.Extension.class)
class TopicsCommandTest {

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
  }

  @Test
  void shouldWarnOfASingleBrokerAndExitWithZero() {
    Result result = pabal.run("topics", "check", "--all");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(words(result))
        .contains(
            "WARN messages replication factor 1 3 or more One copy dies with its disk. Add replicas"
                + " with kafka-reassign-partitions.sh.",
            "OK messages unclean.leader.election.enable false false -",
            "OK connectors cleanup.policy compact compact -",
            "OK deliveries.c1 max.message.bytes 1048844 1048588 or more -",
            "OK broker 1 auto.create.topics.enable false false -");
    assertThat(result.out()).doesNotContain("FAIL");
  }

  @Test
  void shouldFailWhenAcknowledgedMessagesCanBeLost() throws Exception {
    set("unclean.leader.election.enable", "true");
    try {
      Result result = pabal.run("topics", "check");

      assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(words(result))
          .contains(
              "FAIL unrouted unclean.leader.election.enable true false What was acknowledged can be"
                  + " lost. kafka-configs.sh --alter --topic unrouted --add-config"
                  + " unclean.leader.election.enable=false");
    } finally {
      set("unclean.leader.election.enable", "false");
    }
  }

  @Test
  void shouldFailWhenProducersClocksDecideHowLongRecordsAreKept() throws Exception {
    set("message.timestamp.type", "CreateTime");
    try {
      Result result = pabal.run("topics", "check");

      assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(words(result))
          .contains(
              "FAIL unrouted message.timestamp.type CreateTime LogAppendTime A producer whose clock"
                  + " is behind has its records deleted early. Start a role, which sets it, or:"
                  + " kafka-configs.sh --alter --topic unrouted --add-config"
                  + " message.timestamp.type=LogAppendTime");
    } finally {
      set("message.timestamp.type", "LogAppendTime");
    }
  }

  @Test
  void shouldFailWhenPartitionsAreNotWhatIsConfigured(@TempDir Path directory) throws Exception {
    var file = directory.resolve("router.yaml");
    Files.writeString(file, "kafka:\n  bootstrapServers: 127.0.0.1:1\ntopics:\n  partitions: 6\n");

    // The flag of the fixture goes before the file.
    Result result = pabal.run("topics", "check", "--config", file.toString());

    assertThat(result.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(words(result))
        .contains(
            "FAIL messages partitions 12 6 Unless somebody has added partitions: set"
                + " topics.partitions of every role to 12; the topic itself must stay as it is.");
  }

  @Test
  void shouldListTopics() {
    Result result = pabal.run("topics", "list");

    assertThat(result.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(words(result).getFirst()).isEqualTo("TOPIC PARTITIONS REPLICAS OFFSETS");
    assertThat(words(result)).anyMatch(line -> line.startsWith("messages 12 1 "));
  }

  private static void set(String setting, String value) throws Exception {
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, "unrouted");
    var entry = new ConfigEntry(setting, value);
    try (Admin admin = pabal.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
          .all()
          .get();
      Awaitility.await()
          .atMost(RunningPabal.PATIENCE)
          .until(
              () ->
                  Objects.requireNonNull(
                          admin.describeConfigs(List.of(topic)).all().get().get(topic))
                      .get(entry.name())
                      .value()
                      .equals(entry.value()));
    }
  }

  /** The lines with single spaces. */
  private static List<String> words(Result result) {
    return result.lines().stream().map(line -> line.replaceAll(" +", " ")).toList();
  }
}
