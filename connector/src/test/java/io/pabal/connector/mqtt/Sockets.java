// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.Admission;
import io.pabal.connector.admission.AdmissionQueue;
import io.pabal.connector.drain.Redirection;
import io.pabal.connector.drain.ServerReferences;
import io.pabal.connector.fixture.Client;
import io.pabal.connector.fixture.Packet;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.fixture.Wire;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.connector.session.SessionTable;
import io.pabal.schemas.Codecs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The listener's pipeline on embedded channels, for a connector that a test puts together itself.
 * Unlike {@link EmbeddedFront} it does not run the event loop: packets of a client are processed at
 * once, everything else when the test runs the loop.
 */
public final class Sockets {

  private static final ConnectorConfig.Admission EVERYBODY =
      new ConnectorConfig.Admission(
          ConnectorConfig.InFlight.fixed(1_000_000), 1_000_000, Duration.ZERO);

  private final MqttServices services;

  /** Sockets whose connections share {@code context}, the context of {@code loop}. */
  public Sockets(
      TestLoop loop,
      LoopContext context,
      Ingress ingress,
      SessionTable sessions,
      ConnectorConfig.Limits limits,
      ConnectorMetrics metrics) {
    services =
        new MqttServices(
            context,
            new Mailbox<>(loop, AckQueue::settle),
            ingress,
            sessions,
            new Redirection(false, new ServerReferences("sockets", null, Codecs.FIXED)),
            new AdmissionQueue(
                new Admission(EVERYBODY, () -> false, metrics, System::nanoTime), loop),
            new Unconnected(Integer.MAX_VALUE),
            new HeldPackets.Budget(HeldPackets.Budget.BYTES_MAX),
            new Qos0Budget(0),
            () -> false,
            true,
            limits,
            metrics,
            new RefusalLog());
  }

  /** A new connection of an MQTT 5 client that has sent nothing yet. */
  public Socket open() {
    return new Socket();
  }

  /** The client's end of one connection. */
  public final class Socket {

    private final EmbeddedChannel channel =
        new EmbeddedChannel(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel initialized) {
                MqttListener.pipeline(initialized.pipeline(), services);
              }
            });

    /** Sends the packets in one segment. */
    public void send(byte[]... packets) {
      if (channel.isOpen()) {
        channel.writeInbound(Unpooled.wrappedBuffer(Wire.concat(packets)));
      }
    }

    /** The packets that were received since the last call. */
    public List<Packet> receive() {
      channel.runPendingTasks();
      List<Packet> received = new ArrayList<>();
      ByteBuf out = channel.readOutbound();
      while (out != null) {
        received.addAll(Client.decode(ByteBufUtil.getBytes(out), true));
        out.release();
        out = channel.readOutbound();
      }
      return received;
    }

    /** Whether neither side has closed the connection. */
    public boolean isOpen() {
      return channel.isOpen();
    }

    /** Makes the socket full, as when the client does not read, or writable again. */
    public void full(boolean full) {
      if (channel.isOpen()) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, !full);
        channel.runPendingTasks();
      }
    }

    /** Closes the socket at the client, without DISCONNECT. */
    public void close() {
      channel.finishAndReleaseAll();
    }

    /** Closes the socket as when the connector's process has died: no handler notices the end. */
    public void vanish() {
      MqttConnection connection = channel.pipeline().get(MqttConnection.class);
      if (connection != null) {
        connection.flushBatch();
        channel.pipeline().remove(connection);
      }
      channel.finishAndReleaseAll();
    }
  }
}
