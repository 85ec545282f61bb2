// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.netty.buffer.ByteBuf;
import io.pabal.bench.load.figure.SequenceCheck;
import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.SessionOptions;
import io.pabal.bench.mqtt.Stamp;
import org.jspecify.annotations.Nullable;

/** Subscribes to one stream, and checks and counts its messages. Runs on its loop. */
final class LoadSubscriber extends Client {

  private final Stream stream;
  private final int qos;
  private final SequenceCheck check = new SequenceCheck();
  private final boolean keepsSession;
  private @Nullable LoadPublisher sender;
  private boolean subscribed;
  private boolean sessionPresent;
  private boolean completedOne;
  private @Nullable Runnable awaited;
  private long awaitedNext;

  /** A subscriber that is not connected yet. */
  LoadSubscriber(
      Fleet.Member member, String clientId, Stream stream, int qos, SessionOptions session) {
    super(member, clientId, session);
    this.stream = stream;
    this.qos = qos;
    this.keepsSession = session.expirySeconds() > 0;
  }

  /** Sets the publisher that waits for this subscriber before it sends more. */
  void from(LoadPublisher waiting) {
    sender = waiting;
  }

  /** Connects, and subscribes unless the server keeps a session with the subscription. */
  @Override
  void connect() {
    sessionPresent = false;
    if (subscribed && keepsSession) {
      connection().connect(false);
    } else {
      connection().connect(!keepsSession, stream.address(), qos);
    }
  }

  /** The server has ended the session: the next connection subscribes again. */
  void forget() {
    subscribed = false;
  }

  @Override
  void ready(boolean present) {
    subscribed = true;
    sessionPresent = present;
  }

  /** Whether the server still had its session when it connected most recently. */
  boolean isSessionPresent() {
    return sessionPresent;
  }

  Stream stream() {
    return stream;
  }

  /** The check of the messages that have arrived. */
  SequenceCheck check() {
    return check;
  }

  /** Runs {@code then} when the first {@code messages} of its stream have come. */
  void await(long messages, Runnable then) {
    awaitedNext = messages;
    awaited = then;
    tell();
  }

  @Override
  public void received(Connection from, ByteBuf in, int payloadIndex, int payloadBytes) {
    if (payloadBytes < Stamp.BYTES || Stamp.stream(in, payloadIndex) != stream.number()) {
      tally().misrouted++;
      return;
    }
    tally().deliver(Stamp.intendedNanos(in, payloadIndex), from.nowNanos());
    long before = check.next();
    check.accept(Stamp.number(in, payloadIndex));
    for (long each = before; each < check.next(); each++) {
      completedOne |= stream.arrived(each);
    }
  }

  @Override
  public void settled(Connection read) {
    if (completedOne && sender != null) {
      completedOne = false;
      sender.wake(loopIndex());
    }
    tell();
  }

  private void tell() {
    if (awaited != null && check.next() >= awaitedNext) {
      Runnable then = awaited;
      awaited = null;
      then.run();
    }
  }
}
