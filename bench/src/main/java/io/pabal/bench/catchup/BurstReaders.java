// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.catchup;

import io.netty.buffer.ByteBuf;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.mqtt.SessionOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The sessions of one burst and its publisher, on one event loop. */
final class BurstReaders {

  private static final int EXPIRY_SECONDS = 3_600;
  private static final int UNACKNOWLEDGED_MAX = 500;
  private static final int PACKET_IDS = 65_535;
  private static final int NUMBER_DIGITS = 10;
  private static final int VIOLATIONS_MAX = 100;

  /** What must not be: connections that ended, messages that were lost or out of order. */
  final List<String> violations = new CopyOnWriteArrayList<>();

  private final ClientLoop loop;
  private final String name;
  private final CatchUpPlan.Burst burst;
  private final List<Connection> connections = new ArrayList<>();
  private final AtomicInteger ready = new AtomicInteger();
  private final AtomicLong received = new AtomicLong();
  private volatile boolean leaving;

  BurstReaders(ClientLoop loop, String name, CatchUpPlan.Burst burst) {
    this.loop = loop;
    this.name = name;
    this.burst = burst;
  }

  /** Connects and subscribes all sessions, and connects the publisher. */
  void connect(int port) {
    loop.execute(
        () -> {
          for (int i = 0; i < burst.sessions(); i++) {
            Connection connection =
                new Connection(
                    loop,
                    Endpoint.loopback(port),
                    i,
                    name + "-" + i,
                    new SessionOptions(0, EXPIRY_SECONDS, burst.receiveMaximum()),
                    new Reader());
            connections.add(connection);
            connection.connect(false, name, 1);
          }
        });
  }

  /** Whether all sessions have subscribed. */
  boolean isReady() {
    return ready.get() == burst.sessions();
  }

  /** Publishes the burst. */
  void publish(int port) {
    loop.execute(
        () -> {
          Connection connection =
              new Connection(
                  loop,
                  Endpoint.loopback(port),
                  0,
                  name + "-publisher",
                  SessionOptions.TRANSIENT,
                  new Publisher());
          connections.add(connection);
          connection.connect(true);
        });
  }

  /** Whether every session has every message. */
  boolean isComplete() {
    return received.get() == burst.deliveries();
  }

  /** Closes all connections. */
  void close() throws Exception {
    leaving = true;
    loop.run(() -> connections.forEach(Connection::close));
  }

  private void violation(String what) {
    if (!leaving && violations.size() < VIOLATIONS_MAX) {
      violations.add(what);
    }
  }

  private static byte[] payload(int number, int bytes) {
    String text = "%010d".formatted(number);
    return (text + "x".repeat(bytes - NUMBER_DIGITS)).getBytes(StandardCharsets.US_ASCII);
  }

  /** One session; each message has to have the next number. */
  private final class Reader implements Connection.Listener {
    private int next;

    @Override
    public void ready(Connection connection, boolean sessionPresent) {
      ready.incrementAndGet();
    }

    @Override
    public void refused(Connection connection, int reasonCode) {
      violation(connection.clientId() + " was refused with " + reasonCode);
    }

    @Override
    public void failed(Connection connection, String why) {
      violation(connection.clientId() + " did not connect: " + why);
    }

    @Override
    public void lost(Connection connection, String why) {
      violation(connection.clientId() + " was disconnected: " + why);
    }

    @Override
    public void received(Connection connection, ByteBuf in, int payloadIndex, int payloadBytes) {
      int number = 0;
      for (int i = 0; i < NUMBER_DIGITS; i++) {
        number = number * 10 + in.getByte(payloadIndex + i) - '0';
      }
      if (number != next) {
        violation("%s got %d (expected: %d)".formatted(connection.clientId(), number, next));
      }
      next = number + 1;
      received.incrementAndGet();
    }
  }

  /** Publishes with a bounded number of messages unacknowledged. */
  private final class Publisher implements Connection.Listener {
    private int sent;
    private int acknowledged;

    @Override
    public void ready(Connection connection, boolean sessionPresent) {
      more(connection);
    }

    @Override
    public void acknowledged(Connection connection, int reasonCode) {
      acknowledged++;
      more(connection);
    }

    @Override
    public void lost(Connection connection, String why) {
      violation("the publisher was disconnected: " + why);
    }

    private void more(Connection connection) {
      while (sent < burst.messages() && sent - acknowledged < UNACKNOWLEDGED_MAX) {
        connection.publish(sent % PACKET_IDS + 1, name, payload(sent, burst.payloadBytes()));
        sent++;
      }
    }
  }
}
