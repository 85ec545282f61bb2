// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.fixture.TopicTail;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kafka refuses a record that the ingress accepted, because the topic's limit was lowered
 * meanwhile: only the publisher of that record is affected.
 */
@ExtendWith(Servers.Extension.class)
class RefusedRecordTest {

  private static final int LOWERED_BYTES = 2_000;
  private static final int TOO_LARGE = 3_000;

  private final TestLoop loop = new TestLoop();
  private final LoopContext context = new LoopContext(0, loop);
  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final Mailbox<Append> mailbox = new Mailbox<>(loop, AckQueue::settle);
  private Ingress ingress;

  @BeforeEach
  void open(Servers servers) throws Exception {
    // The limit is never read again, so that the record reaches Kafka.
    ingress =
        new Ingress(
            servers.kafkaConfig(),
            Codecs.MESSAGE,
            List.of(context),
            metrics,
            null,
            RecordLimit.fixed(Ingress.MESSAGE_BYTES_MAX),
            null);
    servers.messageBytesMax(LOWERED_BYTES);
  }

  @AfterEach
  void close(Servers servers) throws Exception {
    servers.messageBytesMax(Servers.MESSAGE_BYTES_MAX);
    ingress.close();
  }

  @Test
  void shouldAffectNoOtherPublisherWhenARecordIsRefused(Servers servers) {
    String address = "refused/others";
    List<Client> others = List.of(new Client(true), new Client(false), new Client(true));
    Client offender = new Client(true);
    try (TopicTail<Message> messages = TopicTail.messages(servers, address)) {
      for (int packetId = 1; packetId <= 40; packetId++) {
        for (Client each : others) {
          each.publish(address, packetId, 1 + others.indexOf(each));
        }
        offender.publish(address, packetId, packetId == 20 ? TOO_LARGE : 9);
      }

      loop.runUntil(() -> offender.isAnswered() && others.stream().allMatch(Client::isAnswered));

      for (Client each : others) {
        assertThat(each.acknowledged).isEqualTo(numbers(40));
        assertThat(each.failures).isEmpty();
      }
      assertThat(offender.refused).containsExactly(20);
      assertThat(offender.answers).isEqualTo(numbers(40));
      assertThat(offender.failures).isEmpty();
      // Every message but the refused one is stored once.
      List<Integer> lengths = new ArrayList<>();
      IntStream.range(0, 4 * 40 - 1)
          .forEach(i -> lengths.add(messages.next().getPayload().remaining()));
      for (int length : new int[] {1, 2, 3}) {
        assertThat(lengths.stream().filter(each -> each == length)).hasSize(40);
      }
      assertThat(lengths.stream().filter(each -> each == 9)).hasSize(39);
      assertThat(metrics.appendsRefused.sum()).isEqualTo(1);
      assertThat(metrics.appendsFailed.sum()).isZero();
    }
  }

  @Test
  void shouldKeepTheOrderOfEveryPublisherWhenManyRecordsAreRefused(Servers servers) {
    // The records are in many batches, and some of them are refused.
    List<Client> clients = IntStream.range(0, 5).mapToObj(each -> new Client(true)).toList();
    String address = "refused/order";
    try (TopicTail<Message> messages = TopicTail.messages(servers, address)) {
      for (int packetId = 1; packetId <= 200; packetId++) {
        for (int client = 0; client < clients.size(); client++) {
          boolean tooLarge = packetId % 50 == 7 * client + 3;
          // Each is smaller than the one before, so the learned limit does not refuse it already.
          int length = tooLarge ? TOO_LARGE - packetId : 5;
          clients.get(client).publish("refused/other" + client, packetId, length);
        }
        clients.getFirst().publish(address, 1_000 + packetId, packetId);
      }

      loop.runUntil(() -> clients.stream().allMatch(Client::isAnswered));

      for (int packetId = 1; packetId <= 200; packetId++) {
        assertThat(messages.next().getPayload().remaining()).isEqualTo(packetId);
      }
      clients.forEach(each -> assertThat(each.failures).isEmpty());
      assertThat(clients.stream().mapToInt(each -> each.refused.size()).sum()).isEqualTo(20);
      assertThat(metrics.appendsFailed.sum()).isZero();
    }
  }

  @Test
  void shouldAppendNothingAfterARefusedMessageOnMqtt311(Servers servers) {
    Client offender = new Client(false);
    Client other = new Client(false);
    String address = "refused/closed";
    try (TopicTail<Message> messages = TopicTail.messages(servers, address)) {
      offender.publish(address, 1, 1);
      offender.publish(address, 2, TOO_LARGE);
      for (int packetId = 3; packetId <= 10; packetId++) {
        offender.publish(address, packetId, 3);
      }
      loop.runUntil(() -> !offender.failures.isEmpty());
      offender.publish(address, 11, 4);
      loop.runUntil(ingress::isOpen);
      assertThat(metrics.appendOutcome.problem()).as("Kafka takes messages").isEmpty();
      other.publish(address, 1, 5);
      loop.runUntil(other::isAnswered);

      assertThat(offender.acknowledged).containsExactly(1);
      assertThat(offender.failures).singleElement().isInstanceOf(AppendRefusedException.class);
      assertThat(messages.next().getPayload().remaining()).isEqualTo(1);
      assertThat(messages.next().getPayload().remaining()).isEqualTo(5);
    }
  }

  @Test
  void shouldCloseThePublisherWhenItsRefusedMessageHasQos0() {
    Client offender = new Client(true);
    Client other = new Client(false);

    offender.publish("refused/qos0", 0, TOO_LARGE);
    other.publish("refused/qos0", 1, 1);
    loop.runUntil(() -> other.isAnswered() && !offender.failures.isEmpty());

    assertThat(offender.failures)
        .singleElement()
        .isInstanceOfSatisfying(
            AppendRefusedException.class, refusal -> assertThat(refusal.isTooLarge()).isTrue());
    assertThat(other.acknowledged).containsExactly(1);
    assertThat(other.failures).isEmpty();
  }

  @Test
  void shouldReadTheLimitOfTheTopicAtTheStartAndAgain(Servers servers) throws Exception {
    try (RecordLimit limit =
        RecordLimit.of(servers.bootstrapServers(), Ingress.MESSAGE_BYTES_MAX)) {
      assertThat(limit.bytesMax()).isEqualTo(LOWERED_BYTES);

      servers.messageBytesMax(Servers.MESSAGE_BYTES_MAX);
      loop.runUntil(() -> limit.bytesMax() == Ingress.MESSAGE_BYTES_MAX);

      limit.refused(500);
      limit.refresh();
      assertThat(limit.bytesMax()).as("what was refused all the same").isEqualTo(499);
    }
  }

  @Test
  void shouldComputeRecordSizesToTheByte() {
    Client client = new Client(true);
    int overhead = LOWERED_BYTES - fitting();

    assertThat(overhead).isPositive();
    client.publish("refused/exact", 1, LOWERED_BYTES - overhead);
    client.publish("refused/exact", 2, LOWERED_BYTES - overhead + 1);
    loop.runUntil(client::isAnswered);

    assertThat(client.refused).containsExactly(2);
  }

  /** The longest payload whose record fits into the topic's limit according to RecordSize. */
  private static int fitting() {
    for (int length = LOWERED_BYTES; length > 0; length--) {
      Message message = message("refused/exact", length);
      int key = message.getAddress().length();
      int value = Codecs.MESSAGE.encode(message).length;
      if (RecordSize.of(key, value, null) <= LOWERED_BYTES) {
        return length;
      }
    }
    throw new AssertionError("nothing fits");
  }

  private static List<Integer> numbers(int through) {
    return IntStream.rangeClosed(1, through).boxed().toList();
  }

  private static Message message(String address, int payloadLength) {
    return PlayedRouter.message(address, "x".repeat(payloadLength)).build();
  }

  /** The connection of one publisher. */
  private final class Client implements Publisher {
    final AckQueue queue = new AckQueue(mailbox, this);
    final List<Integer> acknowledged = new ArrayList<>();
    final List<Integer> refused = new ArrayList<>();
    final List<Integer> answers = new ArrayList<>();
    final List<Exception> failures = new ArrayList<>();
    private final boolean mqtt5;

    Client(boolean mqtt5) {
      this.mqtt5 = mqtt5;
    }

    /** Publishes as a connection does: waits while the ingress is closed. */
    void publish(String address, int packetId, int payloadLength) {
      loop.runUntil(ingress::isOpen);
      AppendRefusedException refusal =
          ingress.append(message(address, payloadLength), packetId, queue);
      if (refusal != null) {
        queue.refuse(packetId, refusal);
      }
    }

    boolean isAnswered() {
      return queue.size() == 0;
    }

    @Override
    public void acknowledge(int packetId) {
      acknowledged.add(packetId);
      answers.add(packetId);
    }

    @Override
    public void refuse(int packetId, AppendRefusedException refusal) {
      refused.add(packetId);
      answers.add(packetId);
    }

    @Override
    public void appendFailed(Exception cause) {
      failures.add(cause);
    }

    @Override
    public boolean outlivesRefusal() {
      return mqtt5;
    }

    @Override
    public void failed(Throwable cause) {
      failures.add(new IllegalStateException(cause));
    }
  }
}
