// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.SessionOptions;
import org.jspecify.annotations.Nullable;

/** A client of a fleet. {@link Arrivals} connects it; a lost connection counts as dropped. */
abstract class Client implements Connection.Listener {

  private final Fleet.Member member;
  private final Connection connection;
  private @Nullable Arrivals arrivals;

  Client(Fleet.Member member, String clientId, SessionOptions session) {
    this.member = member;
    this.connection =
        new Connection(member.loop(), member.endpoint(), member.number(), clientId, session, this);
  }

  final Connection connection() {
    return connection;
  }

  final Tally tally() {
    return member.tally();
  }

  final int loopIndex() {
    return member.loopIndex();
  }

  /** Connects, and subscribes if the client is a subscriber. */
  abstract void connect();

  /** The client is connected, and subscribed if it asked for that. */
  void ready(boolean sessionPresent) {}

  final void arrive(Arrivals through) {
    arrivals = through;
    connect();
  }

  @Override
  public final void ready(Connection ready, boolean sessionPresent) {
    ready(sessionPresent);
    if (arrivals != null) {
      arrivals.arrived();
    }
  }

  @Override
  public final void refused(Connection refused, int reasonCode) {
    tally().refused++;
    again("refused with 0x%02X".formatted(reasonCode));
  }

  @Override
  public final void failed(Connection failed, String why) {
    tally().unanswered++;
    again(why);
  }

  private void again(String why) {
    if (arrivals != null) {
      arrivals.again(this, why);
    }
  }

  @Override
  public final void lost(Connection lost, String why) {
    tally().dropped++;
    tally().example("%s: %s".formatted(connection.clientId(), why));
  }

  @Override
  public final void ponged(Connection ponged) {
    tally().pongs++;
  }
}
