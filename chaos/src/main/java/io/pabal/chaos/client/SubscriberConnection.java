// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.client;

import io.pabal.chaos.history.Event;
import io.pabal.chaos.history.HistoryWriter;
import io.pabal.chaos.history.MessagePosition;
import io.pabal.chaos.history.Packet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a subscriber, which tells the history everything. A message is recorded before
 * it is acknowledged.
 */
final class SubscriberConnection implements LinkListener {

  /** Longer than a connector waits for the router. */
  private static final int ANSWER_TIMEOUT_SECONDS = 40;

  private final HistoryWriter history;
  private final String client;
  private final int number;
  private final Link link;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean sessionPresent;

  SubscriberConnection(HistoryWriter history, int number, boolean mqtt5, Link.Options options) {
    this.history = history;
    this.client = options.clientId();
    this.number = number;
    this.link = Link.of(mqtt5, options, this);
  }

  /** Connects; false when no CONNACK comes that accepts. Blocks. */
  boolean open(String connector, boolean cleanStart) throws InterruptedException {
    history.record(at -> new Event.Connecting(at, client, number, connector, cleanStart));
    return answered(link.connect(), 2 * Link.CONNECT_TIMEOUT_SECONDS);
  }

  /** What CONNACK said. */
  boolean sessionPresent() {
    return sessionPresent;
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  /** Waits for the connection to end, but not longer than {@code millis}. */
  void awaitClosed(long millis) throws InterruptedException {
    try {
      closed.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // It has not ended.
    }
  }

  /** Subscribes; false when no SUBACK comes that grants QoS 1. Blocks. */
  boolean subscribe(String address) throws InterruptedException {
    history.record(at -> new Event.Subscribing(at, client, number, address));
    if (!answered(link.subscribe(address), ANSWER_TIMEOUT_SECONDS)) {
      return false;
    }
    history.record(at -> new Event.Subscribed(at, client, number, address));
    return true;
  }

  /** Unsubscribes; false when no UNSUBACK comes. Blocks. */
  boolean unsubscribe(String address) throws InterruptedException {
    history.record(at -> new Event.Unsubscribing(at, client, number, address));
    if (!answered(link.unsubscribe(address), ANSWER_TIMEOUT_SECONDS)) {
      return false;
    }
    history.record(at -> new Event.Unsubscribed(at, client, number, address));
    return true;
  }

  /** Sends DISCONNECT. */
  void close() {
    link.disconnect();
  }

  @Override
  public void connected(boolean present) {
    sessionPresent = present;
    history.record(at -> new Event.Connected(at, client, number, present));
  }

  @Override
  public void arrived(
      String address, Packet packet, @Nullable MessagePosition position, Runnable acknowledge) {
    history.record(at -> new Event.Arrived(at, client, number, address, packet, position));
    acknowledge.run();
  }

  @Override
  public void disconnected(String cause) {
    history.record(at -> new Event.Disconnected(at, client, number, cause));
    closed.complete(null);
  }

  private static boolean answered(CompletableFuture<?> answer, int timeoutSeconds)
      throws InterruptedException {
    try {
      answer.get(timeoutSeconds, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
