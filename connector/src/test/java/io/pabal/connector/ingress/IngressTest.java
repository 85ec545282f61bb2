// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.TopicCatalogue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Appending to Kafka, and the order in which acknowledgements are sent. */
@ExtendWith(Servers.Extension.class)
class IngressTest {

  private static final long APPEND_BYTES_MAX = 100_000;
  private static final int RECORD_BYTES = 10_000;
  private static final RecordMetadata WRITTEN =
      new RecordMetadata(new TopicPartition(TopicCatalogue.MESSAGES, 0), 0, 0, 0, 0, 0);

  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final Mailbox<Append> mailbox = new Mailbox<>(loop, AckQueue::settle);
  private final Connection connection = new Connection();
  private final AckQueue queue = new AckQueue(mailbox, connection);
  private Ingress ingress;

  @BeforeEach
  void open(Servers servers) {
    ingress =
        new Ingress(
            servers.kafkaConfig(APPEND_BYTES_MAX), Codecs.MESSAGE, List.of(context), metrics, null);
  }

  @AfterEach
  void close() {
    ingress.close();
  }

  @Test
  void shouldAcknowledgeInTheOrderOfArrivalAcrossPartitions() {
    List<Integer> expected = IntStream.rangeClosed(1, 500).boxed().toList();
    for (int packetId : expected) {
      // Many addresses use all partitions, whose batches are answered in no particular order.
      ingress.append(message("ingress/" + packetId, 100), packetId, queue);
    }

    loop.runUntil(() -> queue.size() == 0 || !connection.failures.isEmpty());

    assertThat(connection.failures).isEmpty();
    assertThat(connection.acknowledged).isEqualTo(expected);
  }

  @Test
  void shouldAcknowledgeInTheOrderOfArrivalWhenKafkaAnswersInAnyOrder() {
    long seed = System.nanoTime();
    System.out.println("IngressTest seed=" + seed);
    Random random = new Random(seed);
    List<Append> appends = new ArrayList<>();
    for (int packetId = 1; packetId <= 200; packetId++) {
      appends.add(arrive(packetId));
    }
    List<Append> answers = new ArrayList<>(appends);
    Collections.shuffle(answers, random);

    for (Append answer : answers) {
      answer.onCompletion(WRITTEN, null);
      if (random.nextInt(4) == 0) {
        loop.run();
      }
    }
    loop.run();

    assertThat(connection.acknowledged)
        .as("seed %d", seed)
        .isEqualTo(IntStream.rangeClosed(1, 200).boxed().toList());
    assertThat(queue.size()).isZero();
  }

  @Test
  void shouldNotAcknowledgeBeforeAnEarlierPublish() {
    Append first = arrive(1);
    Append second = arrive(2);

    second.onCompletion(WRITTEN, null);
    loop.run();
    assertThat(connection.acknowledged).isEmpty();

    first.onCompletion(WRITTEN, null);
    loop.run();
    assertThat(connection.acknowledged).containsExactly(1, 2);
  }

  @Test
  void shouldAcknowledgeNothingAfterAFailure() {
    Append first = arrive(1);
    Append second = arrive(2);
    Append third = arrive(3);
    RuntimeException timedOut = new TimeoutException("intended by the test");

    third.onCompletion(WRITTEN, null);
    second.onCompletion(WRITTEN, timedOut);
    loop.run();
    assertThat(connection.failures).isEmpty();

    first.onCompletion(WRITTEN, null);
    loop.run();
    arrive(4).onCompletion(WRITTEN, null);
    loop.run();

    assertThat(connection.acknowledged).containsExactly(1);
    assertThat(connection.failures).containsExactly(timedOut);
  }

  /** Somebody has added partitions: nothing may go there, where nobody looks for the address. */
  @Test
  void shouldGoByTheConfiguredNumberOfPartitionsWhenTheTopicHasMore(Servers servers) {
    var config = servers.kafkaConfig().withTopics(Servers.TOPICS.withPartitions(1));
    List<TopicPartition> added =
        IntStream.range(1, Servers.TOPICS.partitions())
            .mapToObj(each -> new TopicPartition(TopicCatalogue.MESSAGES, each))
            .toList();
    try (var narrow = new Ingress(config, Codecs.MESSAGE, List.of(context), metrics, null);
        var consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      Map<TopicPartition, Long> before = consumer.endOffsets(added);

      for (int packetId = 1; packetId <= 40; packetId++) {
        narrow.append(message("ingress/added/" + packetId, 1), packetId, queue);
      }
      loop.runUntil(() -> queue.size() == 0);

      assertThat(connection.acknowledged).hasSize(40);
      assertThat(consumer.endOffsets(added)).isEqualTo(before);
    }
  }

  @Test
  void shouldRefuseAMessageLargerThanKafkaAccepts() {
    assertThat(ingress.append(message("ingress/a", Ingress.MESSAGE_BYTES_MAX), 1, queue))
        .hasMessageContaining("expected: at most " + Ingress.MESSAGE_BYTES_MAX);
    assertThat(queue.size()).isZero();

    assertThat(ingress.append(message("ingress/a", 10), 2, queue)).isNull();
    loop.runUntil(() -> queue.size() == 0);
    assertThat(connection.acknowledged).containsExactly(2);
  }

  @Test
  void shouldCloseBeyondItsBytesAndCallBackWhenItOpensAgain() {
    List<String> calls = new ArrayList<>();
    int sent = 0;
    while (ingress.isOpen() && sent < 1_000) {
      ingress.append(message("ingress/" + sent, RECORD_BYTES), ++sent, queue);
    }
    assertThat(ingress.isOpen()).as("closed after %d", sent).isFalse();
    assertThat((long) sent * RECORD_BYTES).isGreaterThan(APPEND_BYTES_MAX - RECORD_BYTES);
    assertThat(metrics.ingressPauses.sum()).isEqualTo(1);

    context.awaitIngress(() -> calls.add("open"));
    loop.runUntil(() -> !calls.isEmpty());
    assertThat(ingress.isOpen()).isTrue();
    loop.runUntil(() -> queue.size() == 0);
    assertThat(connection.acknowledged).hasSize(sent);
  }

  @Test
  void shouldNotAcknowledgeMessagesOfQos0() {
    ingress.append(message("ingress/qos0", 10), 0, queue);
    ingress.append(message("ingress/qos1", 10), 1, queue);

    loop.runUntil(() -> queue.size() == 0);

    assertThat(connection.acknowledged).containsExactly(1);
    assertThat(metrics.publishes.sum()).isEqualTo(2);
  }

  private Append arrive(int packetId) {
    Append append = new Append(queue, packetId);
    queue.add(append);
    return append;
  }

  private static Message message(String address, int payloadLength) {
    return PlayedRouter.message(address, "x".repeat(payloadLength)).build();
  }

  private static final class Connection implements Publisher {
    final List<Integer> acknowledged = new ArrayList<>();
    final List<Exception> failures = new ArrayList<>();

    @Override
    public void acknowledge(int packetId) {
      acknowledged.add(packetId);
    }

    @Override
    public void refuse(int packetId, AppendRefusedException refusal) {
      failures.add(refusal);
    }

    @Override
    public void appendFailed(Exception cause) {
      failures.add(cause);
    }

    @Override
    public boolean outlivesRefusal() {
      return false;
    }

    @Override
    public void failed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }
}
