// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * A client and its connection, if it has one. Acknowledges every PUBLISH at QoS 1. Its methods and
 * those of the listener are called on the thread of its loop.
 *
 * <pre>
 *          connect                CONNACK, SUBACK
 *  AWAY ────────────► CONNECTING ─────────────────► READY
 *    ▲                  │ failed, refused             │ disconnect: closed
 *    └──────────────────┴─────────────────────────────┘ otherwise:  lost
 * </pre>
 */
public final class Connection extends ChannelInboundHandlerAdapter implements PacketListener {

  /** Receives the events of a connection. */
  public interface Listener {

    /** The client is connected, and subscribed if a subscription was asked for. */
    default void ready(Connection connection, boolean sessionPresent) {}

    /** The server refused the CONNECT in its CONNACK; the connection is closed. */
    default void refused(Connection connection, int reasonCode) {}

    /** The server refused the SUBSCRIBE in its SUBACK; the connection is closed. */
    default void denied(Connection connection, int reasonCode) {
      refused(connection, reasonCode);
    }

    /** There was no answer to CONNECT or SUBSCRIBE; the connection is closed. */
    default void failed(Connection connection, String why) {}

    /**
     * A message; its payload is {@code payloadBytes} of {@code in} from {@code payloadIndex} on.
     */
    default void received(Connection connection, ByteBuf in, int payloadIndex, int payloadBytes) {}

    /** A PUBACK. */
    default void acknowledged(Connection connection, int reasonCode) {}

    /** All bytes that had arrived are read, or the socket's writability has changed. */
    default void settled(Connection connection) {}

    /** A PINGRESP. */
    default void ponged(Connection connection) {}

    /** A ready connection ended that the client did not close. */
    default void lost(Connection connection, String why) {}

    /** The connection ended because the client closed it. */
    default void closed(Connection connection) {}
  }

  private enum State {
    AWAY,
    CONNECTING,
    READY,
    LEAVING
  }

  private static final int UNFLUSHED_BYTES_MAX = 64 * 1024;
  private static final int BUFFER_BYTES = 256;
  private static final int REFUSED_FROM = 0x80;

  private final ClientLoop loop;
  private final Endpoint endpoint;
  private final int number;
  private final String clientId;
  private final SessionOptions session;
  private final Listener listener;
  private @Nullable String subscribesTo;
  private int subscribeQos;
  private State state = State.AWAY;
  private boolean present;
  private boolean forgetting;
  private int refusal;
  private boolean denial;
  private int receiveMaximum;
  private long nowNanos;
  private String ending = "the server closed the connection";
  private @Nullable Channel channel;
  private @Nullable ByteBuf partial;
  private @Nullable ByteBuf unflushed;

  /**
   * A client that is not connected.
   *
   * @param number decides from which source address it connects
   */
  public Connection(
      ClientLoop loop,
      Endpoint endpoint,
      int number,
      String clientId,
      SessionOptions session,
      Listener listener) {
    this.loop = loop;
    this.endpoint = endpoint;
    this.number = number;
    this.clientId = clientId;
    this.session = session;
    this.listener = listener;
  }

  /** The loop that it runs on. */
  public ClientLoop loop() {
    return loop;
  }

  /** The client identifier. */
  public String clientId() {
    return clientId;
  }

  /** Whether the client is connected, and subscribed if a subscription was asked for. */
  public boolean isReady() {
    return state == State.READY;
  }

  /** Whether the client has no connection and is not connecting. */
  public boolean isAway() {
    return state == State.AWAY;
  }

  /** How many PUBLISH packets may be unacknowledged: the server's Receive Maximum. */
  public int receiveMaximum() {
    return receiveMaximum;
  }

  /** When the current bytes were read from the socket, by {@link System#nanoTime}. */
  public long nowNanos() {
    return nowNanos;
  }

  /** Connects, once it is away. */
  public void connect(boolean cleanStart) {
    connect(cleanStart, null, 0);
  }

  /** Connects and subscribes, once it is away. */
  public void connect(boolean cleanStart, @Nullable String address, int qos) {
    subscribesTo = address;
    subscribeQos = qos;
    state = State.CONNECTING;
    refusal = 0;
    ending = "the server closed the connection";
    loop.connect(this, endpoint.server(), endpoint.source(number))
        .addListener(
            (ChannelFutureListener)
                connecting -> {
                  if (connecting.isSuccess()) {
                    connected(connecting.channel(), cleanStart);
                  } else {
                    state = State.AWAY;
                    forgetting = false;
                    listener.failed(this, String.valueOf(connecting.cause().getMessage()));
                  }
                });
  }

  private void connected(Channel fresh, boolean cleanStart) {
    channel = fresh;
    if (state == State.LEAVING) {
      var _ = fresh.close();
    } else {
      PacketWriter.connect(out(), endpoint.protocol(), clientId, cleanStart, session);
    }
  }

  /** Publishes a message that begins with a stamp. */
  public void publish(
      PublishTemplate template, int packetId, int stream, long message, long intendedNanos) {
    ByteBuf out = out();
    template.begin(out, packetId);
    Stamp.write(out, stream, message, intendedNanos);
    template.end(out);
  }

  /** Publishes any message at QoS 1. */
  public void publish(int packetId, String address, byte[] payload) {
    var template =
        new PublishTemplate(endpoint.protocol(), address, 1, payload.length, payload.length);
    ByteBuf out = out();
    template.begin(out, packetId);
    out.writeBytes(payload);
  }

  /** Sends a PINGREQ. */
  public void ping() {
    PacketWriter.pingReq(out());
  }

  /** Whether the socket takes more bytes; {@link Listener#settled} reports when it does again. */
  public boolean isWritable() {
    return channel != null
        && channel.isWritable()
        && (unflushed == null || unflushed.readableBytes() < UNFLUSHED_BYTES_MAX);
  }

  /**
   * Sends DISCONNECT and closes the socket.
   *
   * @param forget whether the server shall end the session
   */
  public void disconnect(boolean forget) {
    if (state != State.READY) {
      return;
    }
    state = State.LEAVING;
    forgetting = forget && session.expirySeconds() > 0 && endpoint.protocol() == Protocol.MQTT_3;
    PacketWriter.disconnect(out(), endpoint.protocol(), forget && session.expirySeconds() > 0);
  }

  /** Closes the socket without a DISCONNECT; while connecting, as soon as it is open. */
  public void close() {
    if (state != State.AWAY) {
      state = State.LEAVING;
      if (channel != null) {
        var _ = channel.close();
      }
    }
  }

  private ByteBuf out() {
    ByteBuf out = unflushed;
    if (out == null) {
      out = channelInUse().alloc().ioBuffer(BUFFER_BYTES);
      unflushed = out;
      loop.flushLater(this);
    }
    return out;
  }

  private Channel channelInUse() {
    if (channel == null) {
      throw new IllegalStateException(clientId + " is not connected");
    }
    return channel;
  }

  void flush() {
    ByteBuf out = unflushed;
    unflushed = null;
    if (out == null || channel == null) {
      return;
    }
    if (state == State.LEAVING) {
      var _ = channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    } else {
      var _ = channel.writeAndFlush(out, channel.voidPromise());
    }
  }

  @Override
  public boolean isSharable() {
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    nowNanos = System.nanoTime();
    ByteBuf in = (ByteBuf) message;
    if (partial != null) {
      partial.writeBytes(in);
      in.release();
      in = partial;
      partial = null;
    }
    try {
      PacketReader.read(in, endpoint.protocol(), this);
      if (in.isReadable()) {
        partial = ctx.alloc().ioBuffer(Math.max(BUFFER_BYTES, 2 * in.readableBytes()));
        partial.writeBytes(in);
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    listener.settled(this);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    listener.settled(this);
  }

  @Override
  public void connAck(boolean sessionPresent, int reasonCode, int maximum) {
    present = sessionPresent;
    receiveMaximum = maximum;
    if (reasonCode != 0) {
      refuse(reasonCode, false);
    } else if (forgetting) {
      forgetting = false;
      state = State.LEAVING;
      PacketWriter.disconnect(out(), endpoint.protocol(), false);
    } else if (subscribesTo != null) {
      PacketWriter.subscribe(out(), endpoint.protocol(), subscribesTo, subscribeQos);
    } else {
      becomeReady();
    }
  }

  @Override
  public void subAck(int reasonCode) {
    if (reasonCode >= REFUSED_FROM) {
      refuse(reasonCode, true);
    } else {
      becomeReady();
    }
  }

  private void becomeReady() {
    state = State.READY;
    listener.ready(this, present);
  }

  private void refuse(int reasonCode, boolean subscription) {
    state = State.LEAVING;
    forgetting = false;
    refusal = reasonCode;
    denial = subscription;
    var _ = channelInUse().close();
  }

  @Override
  public void pubAck(int packetId, int reasonCode) {
    listener.acknowledged(this, reasonCode);
  }

  @Override
  public void publish(int packetId, ByteBuf in, int payloadIndex, int payloadBytes) {
    if (packetId > 0 && state != State.LEAVING) {
      PacketWriter.pubAck(out(), packetId);
    }
    listener.received(this, in, payloadIndex, payloadBytes);
  }

  @Override
  public void pingResp() {
    listener.ponged(this);
  }

  @Override
  public void disconnect(int reasonCode) {
    ending = "the server sent DISCONNECT 0x%02X".formatted(reasonCode);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ending = String.valueOf(cause.getMessage());
    var _ = ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!ctx.channel().equals(channel)) {
      return;
    }
    channel = null;
    release();
    State before = state;
    state = State.AWAY;
    switch (before) {
      case CONNECTING -> {
        forgetting = false;
        listener.failed(this, ending);
      }
      case READY -> listener.lost(this, ending);
      case LEAVING -> left();
      case AWAY -> {}
    }
  }

  private void left() {
    if (refusal != 0 && denial) {
      listener.denied(this, refusal);
    } else if (refusal != 0) {
      listener.refused(this, refusal);
    } else if (forgetting) {
      connect(true); // MQTT 3.1.1 ends a session by beginning a clean one
    } else {
      listener.closed(this);
    }
  }

  /** Client identifier and state; for a report only, since it reads fields of the loop. */
  @Override
  public String toString() {
    return "%s (%s) %s".formatted(clientId, state, channel);
  }

  private void release() {
    if (partial != null) {
      partial.release();
      partial = null;
    }
    if (unflushed != null) {
      unflushed.release();
      unflushed = null;
    }
  }
}
