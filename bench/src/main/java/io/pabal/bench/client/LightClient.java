// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.client;

import io.netty.buffer.ByteBuf;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.mqtt.SessionOptions;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of many clients with a persistent MQTT 5 session. It subscribes to one address, acknowledges
 * its messages, and connects again after a growing pause when it is refused. Its state is used on
 * its event loop only.
 */
public final class LightClient implements Connection.Listener {

  private static final SessionOptions SESSION = new SessionOptions(0, 3_600, 0);
  private static final long PAUSE_MILLIS_MIN = 100;
  private static final long PAUSE_MILLIS_MAX = 5_000;

  /** Receives the events of a client, on the client's event loop. */
  public interface Listener {
    /** CONNECT was refused with {@code code}, or accepted and no subscription is asked for. */
    default void answered(LightClient client, int code, boolean sessionPresent) {}

    /** It was let in and has subscribed. */
    default void subscribed(LightClient client) {}

    /** A PUBLISH, which is acknowledged already. */
    default void received(LightClient client, String text) {}

    /** A PUBACK. */
    default void acknowledged(LightClient client) {}

    /** A connection that was let in is over. */
    default void closed(LightClient client, String why) {}
  }

  /** The client identifier. */
  public final String clientId;

  /** What it subscribes to. */
  public final String address;

  private final Listener listener;
  private volatile @Nullable Connection connection;
  private boolean subscribes;
  private volatile boolean leaving;
  private long pauseMillis;

  /** A client that is not connected yet. */
  public LightClient(String clientId, String address, Listener listener) {
    this.clientId = clientId;
    this.address = address;
    this.listener = listener;
  }

  /** Connects, and subscribes if {@code andSubscribe}. Tries again until both succeed. */
  public void connect(ClientLoop loop, Endpoint server, boolean andSubscribe) {
    Connection fresh = new Connection(loop, server, 0, clientId, SESSION, this);
    leaving = false;
    connection = fresh;
    loop.execute(
        () -> {
          subscribes = andSubscribe;
          pauseMillis = PAUSE_MILLIS_MIN;
          attempt(fresh);
        });
  }

  /** As {@link #connect(ClientLoop, Endpoint, boolean)}, to a server on this machine. */
  public void connect(ClientLoop loop, int port, boolean andSubscribe) {
    connect(loop, Endpoint.loopback(port), andSubscribe);
  }

  /** Publishes at QoS 1. On its loop. */
  public void publish(int packetId, String topic, String text) {
    Objects.requireNonNull(connection)
        .publish(packetId, topic, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Closes the socket; returns before it is closed. */
  public void close() {
    leaving = true;
    Connection present = connection;
    if (present != null) {
      present.loop().execute(present::close);
    }
  }

  private void attempt(Connection away) {
    if (!leaving) {
      away.connect(false, subscribes ? address : null, 1);
    }
  }

  @Override
  public void ready(Connection present, boolean sessionPresent) {
    if (subscribes) {
      listener.subscribed(this);
    } else {
      listener.answered(this, 0, sessionPresent);
    }
  }

  @Override
  public void refused(Connection away, int reasonCode) {
    listener.answered(this, reasonCode, false);
    later(away);
  }

  @Override
  public void denied(Connection away, int reasonCode) {
    later(away); // the router did not answer in time
  }

  @Override
  public void failed(Connection away, String why) {
    later(away);
  }

  private void later(Connection away) {
    long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
    pauseMillis = Math.min(PAUSE_MILLIS_MAX, pauseMillis * 2);
    away.loop().after(TimeUnit.MILLISECONDS.toNanos(pause), () -> attempt(away));
  }

  @Override
  public void received(Connection present, ByteBuf in, int payloadIndex, int payloadBytes) {
    listener.received(this, in.toString(payloadIndex, payloadBytes, StandardCharsets.UTF_8));
  }

  @Override
  public void acknowledged(Connection present, int reasonCode) {
    listener.acknowledged(this);
  }

  @Override
  public void lost(Connection away, String why) {
    listener.closed(this, why);
  }

  @Override
  public void closed(Connection away) {
    listener.closed(this, "the client closed it");
  }

  /** Client identifier and state; for a report only, since it reads fields of the loop. */
  @Override
  public String toString() {
    return connection == null ? clientId + " (away)" : connection.toString();
  }
}
