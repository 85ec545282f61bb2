// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.judge;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.History;
import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import io.pabal.chaos.plan.FaultKind;
import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds a history step by step; each event is a second later than the previous one. */
final class Chronicle {

  static final String ADDRESS = "rooms/1";
  static final int PARTITION = 3;
  static final String CLIENT = "subscriber-1";

  private static final int PUBLISHER = 1;
  private static final long STEP_MILLIS = 1_000;

  private final List<Event> seen = new ArrayList<>();
  private final List<Event> stored = new ArrayList<>();
  private long nowMillis = 1_000_000;
  private long nextOffset = 100;
  private int faults;

  Chronicle() {
    add(new Event.RunStarted(tick(), 7, 5));
  }

  Verdict judge() throws IOException {
    List<Event> all = new ArrayList<>(seen);
    all.addAll(stored);
    return Judge.judge(History.of(all));
  }

  /** Messages {@code from} to {@code through} are published, stored and acknowledged. */
  Chronicle publish(int from, int through) {
    for (int sequence = from; sequence <= through; sequence++) {
      Packet packet = packet(sequence);
      published(packet).appended(packet).acknowledged(packet);
    }
    return this;
  }

  Chronicle published(Packet packet) {
    return add(new Event.Published(tick(), packet, ADDRESS));
  }

  Chronicle acknowledged(Packet packet) {
    return add(new Event.Acknowledged(tick(), packet));
  }

  Chronicle appended(Packet packet) {
    return appended(packet, ADDRESS);
  }

  Chronicle appended(Packet packet, String address) {
    stored.add(
        new Event.Appended(tick(), new MessagePosition(PARTITION, nextOffset++), address, packet));
    return this;
  }

  Chronicle connect(int connection, boolean sessionPresent) {
    return connecting(connection, false).connected(connection, sessionPresent);
  }

  Chronicle connecting(int connection, boolean cleanStart) {
    return add(new Event.Connecting(tick(), CLIENT, connection, "connector-1", cleanStart));
  }

  Chronicle connected(int connection, boolean sessionPresent) {
    return add(new Event.Connected(tick(), CLIENT, connection, sessionPresent));
  }

  Chronicle disconnected(int connection) {
    return add(new Event.Disconnected(tick(), CLIENT, connection, "test"));
  }

  Chronicle subscribe(int connection) {
    return subscribing(connection).add(new Event.Subscribed(tick(), CLIENT, connection, ADDRESS));
  }

  Chronicle subscribing(int connection) {
    return add(new Event.Subscribing(tick(), CLIENT, connection, ADDRESS));
  }

  Chronicle unsubscribe(int connection) {
    return add(new Event.Unsubscribing(tick(), CLIENT, connection, ADDRESS))
        .add(new Event.Unsubscribed(tick(), CLIENT, connection, ADDRESS));
  }

  /** Messages {@code from} to {@code through} arrive. */
  Chronicle arrive(int connection, int from, int through) {
    for (int sequence = from; sequence <= through; sequence++) {
      arrived(connection, packet(sequence), ADDRESS, null);
    }
    return this;
  }

  Chronicle arrived(
      int connection, Packet packet, String address, @Nullable MessagePosition position) {
    return add(new Event.Arrived(tick(), CLIENT, connection, address, packet, position));
  }

  Chronicle flush() {
    int number = ++faults;
    return add(new Event.FaultBegun(tick(), number, FaultKind.FLUSH, ProcessKind.REDIS, 0))
        .add(new Event.FaultOver(tick(), number));
  }

  /** A gap is reported to the client, for offsets of the messages' partition. */
  Chronicle gap(long fromOffset, long throughOffset) {
    return gap(CLIENT, ADDRESS, PARTITION, fromOffset, throughOffset);
  }

  Chronicle gap(String client, String address, int partition, long from, long through) {
    stored.add(new Event.Gap(tick(), client, address, partition, from, through));
    return this;
  }

  /** Advances the clock. */
  Chronicle pass(int seconds) {
    nowMillis += seconds * STEP_MILLIS;
    return this;
  }

  static Packet packet(int sequence) {
    return packet(sequence, 1);
  }

  static Packet packet(int sequence, int attempt) {
    return new Packet(PUBLISHER, sequence, attempt);
  }

  private Chronicle add(Event event) {
    seen.add(event);
    return this;
  }

  private long tick() {
    nowMillis += STEP_MILLIS;
    return nowMillis;
  }
}
