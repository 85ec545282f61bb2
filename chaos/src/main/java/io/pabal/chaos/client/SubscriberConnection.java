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
 * One connection of a subscriber, which records all its events in the history. A message is
 * recorded before it is acknowledged.
 */
final class SubscriberConnection implements LinkListener {

  /** How long a connector may take to answer; longer than a connector waits for the router. */
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

  /** Connects. Returns false if no CONNACK that accepts arrives in time. Blocks. */
  boolean open(String connector, boolean cleanStart) throws InterruptedException {
    history.record(at -> new Event.Connecting(at, client, number, connector, cleanStart));
    return awaitAnswer(link.connect(), 2 * Link.CONNECT_TIMEOUT_SECONDS);
  }

  /** The Session Present flag of the CONNACK. */
  boolean sessionPresent() {
    return sessionPresent;
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  /** Waits until the connection ends, for at most {@code millis} ms. */
  void awaitClosed(long millis) throws InterruptedException {
    try {
      closed.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // The connection is still open.
    }
  }

  /** Subscribes. Returns false if no SUBACK that grants QoS 1 arrives in time. Blocks. */
  boolean subscribe(String address) throws InterruptedException {
    history.record(at -> new Event.Subscribing(at, client, number, address));
    if (!awaitAnswer(link.subscribe(address), ANSWER_TIMEOUT_SECONDS)) {
      return false;
    }
    history.record(at -> new Event.Subscribed(at, client, number, address));
    return true;
  }

  /** Unsubscribes. Returns false if no UNSUBACK arrives in time. Blocks. */
  boolean unsubscribe(String address) throws InterruptedException {
    history.record(at -> new Event.Unsubscribing(at, client, number, address));
    if (!awaitAnswer(link.unsubscribe(address), ANSWER_TIMEOUT_SECONDS)) {
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

  private static boolean awaitAnswer(CompletableFuture<?> answer, int timeoutSeconds)
      throws InterruptedException {
    try {
      answer.get(timeoutSeconds, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
