// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.model.Logs.Entry;
import io.pabal.router.routing.SteppedTask;
import io.pabal.router.routing.SteppedTask.Sent;
import io.pabal.schemas.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The router's task of one partition through its lives. What a life has sent reaches Kafka later,
 * per topic in order and never with a hole; what had not when it ended is lost, and the next life
 * begins at the last commit with the table that the changelog holds.
 *
 * <p>A life that was frozen goes on as a <em>zombie</em> beside its successor: it processes and
 * sends, and commits nothing.
 */
final class SimulatedRouter implements AutoCloseable {

  private final Logs logs;
  private final int partition;
  private final Map<String, byte[]> changelog = new TreeMap<>();
  private int committedMessages;
  private int committedLocations;
  private Life present;
  private @Nullable Life zombie;

  SimulatedRouter(Logs logs, int partition) {
    this.logs = logs;
    this.partition = partition;
    this.present = new Life();
  }

  /** Whether a frozen life is still there. */
  boolean hasZombie() {
    return zombie != null;
  }

  /** Processes at most {@code count} messages. */
  void routeMessages(boolean byZombie, int count) {
    life(byZombie).routeMessages(count);
  }

  /** Processes at most {@code count} locations. */
  void routeLocations(boolean byZombie, int count) {
    life(byZombie).routeLocations(count);
  }

  /** Reads the topic of connector states to its end. */
  void readConnectors() {
    present.readConnectors();
  }

  /** Has at most {@code count} records that were sent to one connector reach Kafka. */
  void flush(boolean byZombie, String connectorId, int count) {
    life(byZombie).flush(TopicCatalogue.deliveriesTopic(connectorId), count);
  }

  /** Has at most {@code count} changes of the table reach Kafka. */
  void flushChangelog(int count) {
    present.flush(SteppedTask.CHANGELOG, count);
  }

  /** All changes of a frozen life's table reach Kafka, though another one's did before. */
  void flushLateChangelog() {
    life(true).flush(SteppedTask.CHANGELOG, Integer.MAX_VALUE);
  }

  /** Everything that was sent reaches Kafka, and the position is committed. */
  void commit() {
    present.flushAll();
    committedMessages = present.messagesAt;
    committedLocations = present.locationsAt;
  }

  /**
   * The present life ends, after a last commit when it does so in good order, and another one
   * begins.
   */
  void restart(boolean inOrder) {
    if (inOrder) {
      commit();
    }
    present.task.close();
    present = new Life();
  }

  /** The present life is taken for dead: another one begins at the last commit. */
  void freeze() {
    endZombie();
    zombie = present;
    present = new Life();
  }

  /** The frozen life ends. */
  void endZombie() {
    if (zombie != null) {
      zombie.task.close();
      zombie = null;
    }
  }

  /** Whether everything was processed and has reached Kafka. */
  boolean isIdle() {
    return present.messagesAt == logs.messages(partition).size()
        && present.locationsAt == logs.locations(partition).size()
        && present.unsent.values().stream().allMatch(ArrayDeque::isEmpty);
  }

  /** Processes everything, and has it reach Kafka. */
  void catchUp() {
    readConnectors();
    present.routeLocations(Integer.MAX_VALUE);
    present.routeMessages(Integer.MAX_VALUE);
    present.flushAll();
  }

  @Override
  public void close() {
    endZombie();
    present.task.close();
  }

  private Life life(boolean frozen) {
    return frozen && zombie != null ? zombie : present;
  }

  private final class Life {

    private final SteppedTask task =
        new SteppedTask(
            logs.messages(partition).size(),
            committedMessages,
            logs.locations(partition).size() - committedLocations,
            changelog);
    private final Map<String, ArrayDeque<Sent>> unsent = new HashMap<>();
    private int messagesAt = committedMessages;
    private int locationsAt = committedLocations;
    private int connectorsAt;

    Life() {
      readConnectors();
    }

    void routeMessages(int count) {
      List<io.pabal.sessioncache.timeline.SteppedWriter.Message> log = logs.messages(partition);
      for (int i = 0; i < count && messagesAt < log.size(); i++) {
        var message = log.get(messagesAt++);
        send(task.process(TopicCatalogue.MESSAGES, message.address(), message.value()));
      }
    }

    void routeLocations(int count) {
      List<Entry> log = logs.locations(partition);
      for (int i = 0; i < count && locationsAt < log.size(); i++) {
        Entry location = log.get(locationsAt++);
        send(task.process(TopicCatalogue.LOCATIONS, location.key(), location.value()));
      }
    }

    void readConnectors() {
      while (connectorsAt < logs.connectors().size()) {
        Entry state = logs.connectors().get(connectorsAt++);
        send(task.process(TopicCatalogue.CONNECTORS, state.key(), state.value()));
      }
    }

    void flushAll() {
      List.copyOf(unsent.keySet()).forEach(topic -> flush(topic, Integer.MAX_VALUE));
    }

    void flush(String topic, int count) {
      ArrayDeque<Sent> waiting = unsent.getOrDefault(topic, new ArrayDeque<>());
      for (int i = 0; i < count && !waiting.isEmpty(); i++) {
        arrived(waiting.remove());
      }
    }

    private void send(List<Sent> records) {
      records.forEach(
          each -> unsent.computeIfAbsent(each.topic(), topic -> new ArrayDeque<>()).add(each));
    }

    private void arrived(Sent record) {
      if (record.topic().equals(SteppedTask.CHANGELOG)) {
        String address = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
          changelog.remove(address);
        } else {
          changelog.put(address, record.value());
        }
      } else if (record.topic().startsWith(TopicCatalogue.DELIVERIES_PREFIX)) {
        logs.deliveries(TopicCatalogue.connectorIdOf(record.topic())).add(record);
      }
    }
  }
}
