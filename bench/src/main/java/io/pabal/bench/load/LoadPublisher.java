// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.SessionOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to one or more streams in turn. Sends a message when its schedule, the stream's window,
 * the server's Receive Maximum and the socket allow it. Runs on its loop, except {@link #wake}.
 */
final class LoadPublisher extends Client {

  private static final int PACKET_IDS = 65_535;
  private static final int REFUSED_FROM = 0x80;

  private final List<Stream> streams;
  private final int unacknowledgedMax;
  private @Nullable Schedule schedule;
  private long sent;
  private long acknowledged;
  private int packetId;

  /**
   * A sender that has no schedule yet.
   *
   * @param unacknowledgedMax how many messages of QoS 1 may be without PUBACK
   */
  LoadPublisher(Fleet.Member member, String clientId, List<Stream> streams, int unacknowledgedMax) {
    super(member, clientId, SessionOptions.TRANSIENT.withKeepAlive(member.keepAliveSeconds()));
    this.streams = streams;
    this.unacknowledgedMax = unacknowledgedMax;
  }

  @Override
  void connect() {
    connection().connect(true);
  }

  /** Sends from now on. */
  void start(Schedule from) {
    schedule = from;
    more();
  }

  /** Sends the messages that may be sent now. */
  void more() {
    if (schedule == null) {
      return;
    }
    while (connection().isReady()) {
      Stream stream = streams.get((int) (sent % streams.size()));
      long intendedNanos = mayGo(stream) ? schedule.intendedNanos(sent) : Schedule.NOT_NOW;
      if (intendedNanos == Schedule.NOT_NOW) {
        return;
      }
      packetId = packetId % PACKET_IDS + 1;
      stream.send(connection(), packetId, intendedNanos);
      sent++;
      if (stream.qos() == 0) {
        take();
      }
      tally().lagNanosMax = Math.max(tally().lagNanosMax, System.nanoTime() - intendedNanos);
    }
  }

  private boolean mayGo(Stream stream) {
    return stream.hasRoom()
        && sent - acknowledged < Math.min(unacknowledgedMax, connection().receiveMaximum())
        && connection().isWritable();
  }

  /** A window may have room again. From any loop. */
  void wake(int fromLoop) {
    if (fromLoop == loopIndex()) {
      more();
    } else {
      connection().loop().execute(this::more);
    }
  }

  /** PUBACKs arrive in the order in which the messages were sent (MQTT 5, 4.6). */
  private void take() {
    streams.get((int) (acknowledged % streams.size())).take();
    acknowledged++;
  }

  /** How many messages the server has taken. */
  long taken() {
    return acknowledged;
  }

  /** Whether no message is left to send, to be acknowledged or to arrive, or it cannot send. */
  boolean isDone() {
    if (schedule == null || !connection().isReady()) {
      return true;
    }
    return schedule.isOver(sent)
        && acknowledged == sent
        && streams.stream().allMatch(Stream::isComplete);
  }

  @Override
  public void acknowledged(Connection publisher, int reasonCode) {
    take();
    if (reasonCode >= REFUSED_FROM) {
      tally().publishesRefused++;
      tally().example("PUBLISH refused with 0x%02X".formatted(reasonCode));
    }
  }

  @Override
  public void settled(Connection publisher) {
    more();
  }
}
