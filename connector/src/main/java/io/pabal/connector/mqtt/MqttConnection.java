// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.pabal.connector.delivery.Delivery;
import io.pabal.connector.delivery.PublishFormat;
import io.pabal.connector.ingress.AckQueue;
import io.pabal.connector.ingress.AppendRefusedException;
import io.pabal.connector.ingress.Publisher;
import io.pabal.connector.loop.KeepAliveWheel;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.mqtt.ConnectionState.AwaitingConnect;
import io.pabal.connector.mqtt.ConnectionState.Claiming;
import io.pabal.connector.mqtt.ConnectionState.Ended;
import io.pabal.connector.mqtt.ConnectionState.Live;
import io.pabal.connector.session.EndReason;
import io.pabal.connector.session.Outbound;
import io.pabal.connector.session.Session;
import io.pabal.telemetry.LogLimiter;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's network connection: the last handler of its pipeline. Called on the channel's event
 * loop only.
 *
 * <pre>
 *                   CONNECT             claimed, CONNACK
 *   AwaitingConnect ───────► Claiming ──────────────────► Live
 *        │                      │                           │
 *        │ anything else,       │ refused, Redis away       │ DISCONNECT, socket closed, keep-alive,
 *        │ time-out             │ socket closed             │ refused, taken over, drained
 *        └──────────────────────┴────────────► Ended ◄──────┘
 * </pre>
 *
 * <p>Reading is paused ({@link HoldReason}) while a packet cannot be processed yet. That packet and
 * the packets that were read from the socket together with it are held ({@link HeldPackets} has the
 * bound); all further bytes stay in the socket. Packets that were received before the client closed
 * the connection are still processed, also when they are held at that moment: the connection then
 * ends when the last held packet has been processed.
 *
 * <p>Output is gathered in one buffer and flushed once at the end of the loop's current batch.
 */
final class MqttConnection extends ChannelInboundHandlerAdapter
    implements Outbound, Publisher, LoopContext.Flushable {

  private static final Logger log = LoggerFactory.getLogger(MqttConnection.class);
  private static final LogLimiter FAILURE_LINES =
      LogLimiter.perSecond(count -> log.error("connections failed leftOut={}", count));

  private static final int GATHER_BYTES_MAX = 16 * 1024;
  private static final int GATHER_BYTES_MIN = 512;
  private static final int OPERATIONS_MAX = 16;
  private static final long CLOSE_TIMEOUT_MILLIS = 1_000;

  /**
   * A socket is probed for a sign of life only while fewer bytes than this are held for its client.
   */
  private static final long PROBED_BYTES_MAX = 64 * 1024;

  private static final long DRAIN_GRACE_MILLIS = 1_000;

  /**
   * Why no packet is processed for now. A connection has one reason at a time: while it has one, it
   * processes no packet, and so finds no second reason. Only {@link #DRAIN} replaces another one.
   */
  enum HoldReason {
    /** The session is being claimed, or CONNECT waits in the admission queue. */
    CLAIM,
    /** Kafka is slower than the publishers. */
    INGRESS,
    /**
     * The backlog of locations and session events for Kafka is full: no subscription may be added
     * or ended.
     */
    EVENTS,
    /**
     * An MQTT 3.1.1 client has {@code receiveMax} unacknowledged publishes. MQTT 3.1.1 has no
     * Receive Maximum, so the client cannot be asked to send fewer.
     */
    ACKNOWLEDGEMENTS,
    /**
     * {@value MqttConnection#OPERATIONS_MAX} SUBSCRIBE and UNSUBSCRIBE packets are not answered
     * yet.
     */
    OPERATIONS,
    /** The client does not read its socket: packets that need an answer are held. */
    OUTPUT,
    /**
     * The session is about to be drained: the client sends the packets that were not processed
     * again to the next server.
     */
    DRAIN
  }

  private static final String MOVED = "this server is leaving; use another one";

  private final MqttServices services;
  private final Channel channel;
  private @Nullable ChannelHandlerContext context;
  private final KeepAliveEntry keepAlive = new KeepAliveEntry();
  private ConnectionState state = new AwaitingConnect();
  private boolean mqtt5;
  private PublishFormat format = PublishFormat.MQTT_3_1_1;
  private int clientPacketBytesMax = Integer.MAX_VALUE;

  /**
   * Whether the client accepts reason strings in every packet type that has them (Request Problem
   * Information; MQTT 5, 3.1.2.11.7).
   */
  private boolean wantsReasons = true;

  private @Nullable AckQueue acks;
  private @Nullable ByteBuf gathered;
  private boolean touched;
  private @Nullable HoldReason holdReason;
  private @Nullable HeldPackets heldPackets;

  /** The client has closed the connection: no byte is received or sent any more. */
  private boolean streamEnded;

  /** The socket is being flushed to make room for a QoS 0 message. */
  private boolean flushingForRoom;

  /**
   * Bytes of QoS 0 messages that were taken from {@link Qos0Budget} since the socket became full.
   */
  private int qos0Bytes;

  private @Nullable Runnable ingressResume;
  private int operations;

  MqttConnection(MqttServices services, Channel channel) {
    this.services = services;
    this.channel = channel;
  }

  MqttServices services() {
    return services;
  }

  String remote() {
    return String.valueOf(channel.remoteAddress());
  }

  boolean isEnded() {
    return state instanceof Ended;
  }

  boolean isLive() {
    return state instanceof Live;
  }

  // ---- from the socket

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    services.unconnected().add(this);
    services
        .loop()
        .keepAlive()
        .watch(keepAlive, (int) services.limits().connectTimeout().toSeconds());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object packet) {
    keepAlive.heard(services.loop().keepAlive());
    keepAlive.forgetProbe();
    MqttMessage message = (MqttMessage) packet;
    if (holdReason != null) {
      holdPacket(message);
    } else {
      process(message);
    }
  }

  private void holdPacket(MqttMessage message) {
    if (heldPackets().addLast(message)) {
      stopReading();
      return;
    }
    ReferenceCountUtil.release(message);
    refuse(
        new Refusal(
            ReasonCode.QUOTA_EXCEEDED,
            "too much was sent before it could be processed (expected: at most %d bytes over all clients)"
                .formatted(services.held().bytesMax())));
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (flushingForRoom) {
      // A delivery is in progress: the session's pending messages must not change during it.
      services.loop().eventLoop().execute(this::writable);
    } else {
      writable();
    }
  }

  private void writable() {
    if (channel.isWritable() && state instanceof Live(Session session)) {
      giveBackQos0();
      session.writable();
      resumeReading(HoldReason.OUTPUT);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    endStream();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      endStream();
      closeNow();
      return;
    }
    failed(cause);
  }

  /** The client sends nothing more; packets that were received before are still processed. */
  private void endStream() {
    if (streamEnded || isEnded()) {
      return;
    }
    streamEnded = true;
    ReferenceCountUtil.release(gathered);
    gathered = null;
    if (heldPackets == null || heldPackets.isEmpty()) {
      end(EndReason.CONNECTION_LOST, null, "");
    } else {
      // The client gets no answers any more, so no packet has to be held for them.
      resumeReading(HoldReason.OUTPUT);
      resumeReading(HoldReason.OPERATIONS);
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!services.loop().caught(cause) && FAILURE_LINES.allows()) {
      log.error("connection failed remote={} client={}", remote(), clientId(), cause);
    }
    end(EndReason.SERVER_ERROR);
  }

  /**
   * Makes a task of the event loop end the connection when the task fails. Otherwise the event loop
   * would swallow the failure.
   */
  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable e) {
        failed(e);
      }
    };
  }

  private void process(MqttMessage message) {
    HoldReason reason = mustWait(message);
    if (reason != null) {
      heldPackets().addFirst(message);
      hold(reason);
      return;
    }
    try {
      handle(message);
    } catch (Refusal refusal) {
      refuse(refusal);
    } catch (Throwable e) {
      // Handled here and not by exceptionCaught: held packets are processed outside the pipeline.
      failed(e);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private @Nullable HoldReason mustWait(MqttMessage message) {
    if (!(state instanceof Live) || message.decoderResult().isFailure()) {
      return null;
    }
    return switch (message.fixedHeader().messageType()) {
      case PUBLISH -> mustWaitToPublish();
      case SUBSCRIBE, UNSUBSCRIBE -> mustWaitToSubscribe();
      case PINGREQ -> mustWaitForOutput();
      default -> null;
    };
  }

  private @Nullable HoldReason mustWaitToPublish() {
    if (!services.ingress().isOpen()) {
      return HoldReason.INGRESS;
    }
    if (!mqtt5 && unacknowledged() >= services.limits().receiveMax()) {
      return HoldReason.ACKNOWLEDGEMENTS;
    }
    return mustWaitForOutput();
  }

  private @Nullable HoldReason mustWaitToSubscribe() {
    if (services.overloaded().getAsBoolean()) {
      return HoldReason.EVENTS;
    }
    return operations >= OPERATIONS_MAX && !streamEnded
        ? HoldReason.OPERATIONS
        : mustWaitForOutput();
  }

  private @Nullable HoldReason mustWaitForOutput() {
    return streamEnded || channel.isWritable() ? null : HoldReason.OUTPUT;
  }

  private void handle(MqttMessage message) {
    switch (state) {
      case AwaitingConnect() -> connect(message);
      case Live(Session session) -> {
        DecoderFailure.refuseIfAny(message);
        handle(session, message);
      }
      case Claiming(var profile, _) ->
          throw new IllegalStateException(
              "a packet was processed while claiming " + profile.clientId());
      case Ended() -> {}
    }
  }

  private void connect(MqttMessage message) {
    if (message.decoderResult().isSuccess() && !(message instanceof MqttConnectMessage)) {
      throw new Refusal(
          ReasonCode.PROTOCOL_ERROR,
          "the first packet was " + message.fixedHeader().messageType() + " (expected: CONNECT)");
    }
    DecoderFailure.refuseIfAny(message);
    ConnectHandler.connect(this, (MqttConnectMessage) message);
  }

  private void handle(Session session, MqttMessage message) {
    MqttMessageType type = message.fixedHeader().messageType();
    switch (type) {
      case PUBLISH -> PublishHandler.publish(this, session, (MqttPublishMessage) message);
      case PUBACK ->
          session.acknowledge(
              ((MqttPubReplyMessageVariableHeader) message.variableHeader()).messageId());
      case SUBSCRIBE -> SubscribeHandler.subscribe(this, session, (MqttSubscribeMessage) message);
      case UNSUBSCRIBE ->
          SubscribeHandler.unsubscribe(this, session, (MqttUnsubscribeMessage) message);
      case PINGREQ -> send(MqttMessage.PINGRESP);
      case DISCONNECT -> DisconnectHandler.disconnect(this, session, message);
      case CONNECT ->
          throw new Refusal(ReasonCode.PROTOCOL_ERROR, "a second CONNECT on one connection");
      default ->
          throw new Refusal(
              ReasonCode.PROTOCOL_ERROR, type + " is not a packet that a client may send here");
    }
  }

  // ---- the state machine

  void setPublishFormat(PublishFormat chosen) {
    format = chosen;
    mqtt5 = chosen != PublishFormat.MQTT_3_1_1;
  }

  void packetBytesMax(int bytes) {
    clientPacketBytesMax = bytes;
  }

  void wantsReasons(boolean wanted) {
    wantsReasons = wanted;
  }

  void claiming(Claiming claiming) {
    services.unconnected().remove(this);
    state = claiming;
    hold(HoldReason.CLAIM);
  }

  void live(Session session, int keepAliveSeconds) {
    state = new Live(session);
    // One and a half times the Keep Alive (3.1.2.10), rounded up; 0 turns it off.
    services.loop().keepAlive().watch(keepAlive, (keepAliveSeconds * 3 + 1) / 2);
  }

  /**
   * Closes this connection, because more than {@code max} connections of this event loop have not
   * sent CONNECT and this one is the oldest of them.
   */
  void closeUnconnected(int max) {
    services.metrics().unconnectedClosed.increment();
    log.debug("connection closed remote={} reason=\"{} others without CONNECT\"", remote(), max);
    ended();
    closeNow();
  }

  /**
   * Ends the connection because of something that the client did. Writes one log line, and gives
   * the client the reason where its protocol version can carry it.
   */
  void refuse(Refusal refusal) {
    if (isEnded()) {
      return;
    }
    services.metrics().refusals.increment(refusal.code());
    services.refusalLog().refused(remote(), clientId(), refusal);
    end(EndReason.PROTOCOL_ERROR, refusal.code(), refusal.text());
  }

  @Override
  public void end(EndReason reason) {
    switch (reason) {
      case TAKEN_OVER ->
          end(
              reason,
              ReasonCode.SESSION_TAKEN_OVER,
              "another connection uses this client identifier");
      case ADMINISTRATIVE ->
          end(reason, ReasonCode.ADMINISTRATIVE_ACTION, "an operator ended this connection");
      case DRAINING -> drain();
      case KEEP_ALIVE -> end(reason, ReasonCode.KEEP_ALIVE_TIMEOUT, "nothing was heard in time");
      case SERVER_ERROR -> end(reason, ReasonCode.UNSPECIFIED_ERROR, "internal error");
      case CLIENT, CONNECTION_LOST, PROTOCOL_ERROR, APPEND_FAILED -> end(reason, null, "");
    }
  }

  private void end(EndReason reason, @Nullable ReasonCode code, String text) {
    ConnectionState before = state;
    if (before instanceof Ended) {
      return;
    }
    try {
      ended();
      if (before instanceof Live(Session session)) {
        var _ = release(session, reason);
        if (code != null && mqtt5) {
          send(Replies.disconnect(code, text, null, clientPacketBytesMax));
        }
      } else if (code != null) {
        refuseConnect(code, text, null);
      }
      closeAfterFlush();
    } catch (Throwable e) {
      // Other code ends a connection when in doubt, so this must not fail in turn, for instance
      // because no buffer can be allocated.
      if (!services.loop().caught(e)) {
        log.error("connection closed without farewell remote={}", remote(), e);
      }
      abort();
    }
  }

  private void abort() {
    ByteBuf out = gathered;
    gathered = null;
    if (out != null) {
      out.release();
    }
    closeNow();
  }

  /** Ends the session; completes when its release is stored in Redis. */
  private CompletionStage<Void> release(Session session, EndReason reason) {
    try {
      return session.end(reason);
    } finally {
      // Not before session.end: the next claim has to find either the live session or, in Redis,
      // its release.
      services.sessions().remove(session);
    }
  }

  private void ended() {
    if (state instanceof Claiming(_, var pending)) {
      services.admissionQueue().leave(pending);
    }
    if (operations > 0) {
      services.admissionQueue().subscribed(this);
    }
    services.unconnected().remove(this);
    giveBackQos0();
    state = new Ended();
    services.loop().keepAlive().forget(keepAlive);
    if (ingressResume != null) {
      services.loop().forgetIngress(ingressResume);
    }
    discardHeldPackets();
  }

  private void refuseConnect(ReasonCode code, String text, @Nullable String serverReference) {
    MqttMessage connAck =
        Replies.refuseConnect(code, text, serverReference, mqtt5, clientPacketBytesMax);
    if (connAck != null) {
      send(connAck);
    }
  }

  /**
   * Refuses a CONNECT that the connector cannot serve at present. Writes no log line, because the
   * client is not at fault and very many clients may be refused at once.
   */
  void refuseForNow(ReasonCode code, String text) {
    ended();
    refuseConnect(code, text, null);
    closeAfterFlush();
  }

  // ---- leaving

  /** Refuses a CONNECT because the connector drains, and names another server (MQTT 5, 4.11). */
  void redirect() {
    services.metrics().connectsRedirected.increment();
    ended();
    refuseConnect(movedCode(), MOVED, services.redirection().serverReference());
    closeAfterFlush();
  }

  /**
   * Sends the client to another server when all its publishes are acknowledged, but after {@value
   * #DRAIN_GRACE_MILLIS} ms at the latest. A publisher that has all its PUBACKs sends no message
   * twice.
   */
  private void drain() {
    if (!(state instanceof Live) || holdReason == HoldReason.DRAIN) {
      return;
    }
    hold(HoldReason.DRAIN);
    if (unacknowledged() == 0) {
      drained();
    } else {
      var _ =
          services
              .loop()
              .eventLoop()
              .schedule(guarded(this::drained), DRAIN_GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void drained() {
    if (!(state instanceof Live(Session session))) {
      return;
    }
    ended();
    // DISCONNECT is sent after the cursors are written, so that the next server starts from them.
    var _ =
        release(session, EndReason.DRAINING)
            .thenRun(() -> services.loop().eventLoop().execute(guarded(this::disconnectDrained)));
  }

  private void disconnectDrained() {
    if (mqtt5) {
      send(
          Replies.disconnect(
              movedCode(), MOVED, services.redirection().serverReference(), clientPacketBytesMax));
    }
    closeAfterFlush();
  }

  private ReasonCode movedCode() {
    return services.redirection().isPermanent()
        ? ReasonCode.SERVER_MOVED
        : ReasonCode.USE_ANOTHER_SERVER;
  }

  private void closeAfterFlush() {
    flushGathered();
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    if (channel.isActive()) {
      // When the client does not read, the flush never completes: then the socket is closed here.
      var _ =
          channel.eventLoop().schedule(this::closeNow, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void closeNow() {
    var _ = channel.close();
  }

  // ---- pausing and resuming

  /** Holds packets, and with them reading, until {@link #resumeReading} names this reason. */
  void hold(HoldReason reason) {
    holdReason = reason;
    if (reason != HoldReason.CLAIM) {
      // Most clients send nothing before CONNACK, so during a claim reading is paused only when a
      // packet arrives.
      stopReading();
    }
    if (reason == HoldReason.INGRESS) {
      awaitKafka(services.ingress().isOpen());
    } else if (reason == HoldReason.EVENTS) {
      awaitKafka(!services.overloaded().getAsBoolean());
    }
  }

  private void stopReading() {
    channel.config().setAutoRead(false);
  }

  /**
   * Asks the event loop to call back when Kafka has room again.
   *
   * @param over whether Kafka has room again already
   */
  private void awaitKafka(boolean over) {
    Runnable resume = ingressResume;
    if (resume == null) {
      resume =
          () -> {
            resumeReading(HoldReason.INGRESS);
            resumeReading(HoldReason.EVENTS);
          };
      ingressResume = resume;
    }
    services.loop().awaitIngress(resume);
    if (over) {
      // The pause ended before the callback was registered, so no call is certain to follow.
      channel.eventLoop().execute(resume);
    }
  }

  /**
   * Processes the packets that are held because of {@code reason}, then reads from the socket
   * again. Does nothing when packets are held for another reason, or for none.
   */
  void resumeReading(HoldReason reason) {
    if (holdReason != reason) {
      return;
    }
    holdReason = null;
    keepAlive.heard(services.loop().keepAlive()); // no packet could be read during the pause
    keepAlive.forgetProbe();
    HeldPackets packets = heldPackets;
    while (holdReason == null && packets != null && !packets.isEmpty()) {
      process(packets.removeFirst());
    }
    if (holdReason != null) {
      return;
    }
    heldPackets = null;
    if (streamEnded) {
      end(EndReason.CONNECTION_LOST, null, "");
    } else {
      channel.config().setAutoRead(true);
    }
  }

  void operationStarted() {
    if (operations++ == 0) {
      services.admissionQueue().subscribing(this);
    }
  }

  void operationEnded() {
    if (--operations == 0) {
      services.admissionQueue().subscribed(this);
    }
    resumeReading(HoldReason.OPERATIONS);
  }

  private HeldPackets heldPackets() {
    HeldPackets present = heldPackets;
    if (present == null) {
      present = new HeldPackets(services.held());
      heldPackets = present;
    }
    return present;
  }

  private void discardHeldPackets() {
    holdReason = null;
    if (heldPackets != null) {
      heldPackets.clear();
    }
  }

  // ---- acknowledgements of what the client published

  AckQueue acks() {
    AckQueue present = acks;
    if (present == null) {
      present = new AckQueue(services.appended(), this);
      acks = present;
    }
    return present;
  }

  private int unacknowledged() {
    return acks == null ? 0 : acks.size();
  }

  @Override
  public void acknowledge(int packetId) {
    if (isEnded()) {
      return;
    }
    if (!streamEnded) {
      ByteBuf out = gather(4);
      out.writeByte(MqttMessageType.PUBACK.value() << 4).writeByte(2).writeShort(packetId);
      gathered(out);
    }
    acknowledged();
  }

  private void acknowledged() {
    if (holdReason == HoldReason.ACKNOWLEDGEMENTS
        && unacknowledged() <= services.limits().receiveMax() / 2) {
      resumeReading(HoldReason.ACKNOWLEDGEMENTS);
    }
    if (holdReason == HoldReason.DRAIN && unacknowledged() == 0) {
      drained();
    }
  }

  /** MQTT 3.1.1 has no answer to a refused PUBLISH but closing the connection. */
  @Override
  public boolean outlivesRefusal() {
    return mqtt5;
  }

  @Override
  public void refuse(int packetId, AppendRefusedException refusal) {
    if (isEnded()) {
      return;
    }
    // PUBACK cannot carry 0x95, Packet too large (MQTT 5, 3.4.2.1).
    ReasonCode code =
        refusal.isTooLarge() ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
    String text = wantsReasons ? "PUBLISH: " + refusal.getMessage() : null;
    send(Replies.refusePublish(packetId, code, text, clientPacketBytesMax));
    acknowledged();
  }

  @Override
  public void appendFailed(Exception cause) {
    if (cause instanceof AppendRefusedException refusal) {
      refuse(
          new Refusal(
              refusal.isTooLarge()
                  ? ReasonCode.PACKET_TOO_LARGE
                  : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
              "PUBLISH: " + refusal.getMessage()));
    } else {
      end(
          EndReason.APPEND_FAILED,
          ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
          "a message could not be stored in time; send what was not acknowledged again");
    }
  }

  // ---- to the socket

  @Override
  public boolean isWritable() {
    return !streamEnded && channel.isWritable();
  }

  @Override
  public boolean takesAtMostOnce(int packetBytes) {
    if (isWritable()) {
      return true;
    }
    if (streamEnded || isEnded()) {
      return false;
    }
    // The channel became unwritable by output that the loop has not flushed yet: the socket may
    // take all of it.
    flushingForRoom = true;
    try {
      flushGathered();
    } finally {
      flushingForRoom = false;
    }
    if (isWritable()) {
      giveBackQos0();
      return true;
    }
    int bytesMax = services.limits().sockets().qos0BufferBytesMax();
    if (streamEnded
        || packetBytes > bytesMax - qos0Bytes
        || !services.qos0Budget().take(packetBytes)) {
      return false;
    }
    qos0Bytes += packetBytes;
    return true;
  }

  private void giveBackQos0() {
    if (qos0Bytes > 0) {
      services.qos0Budget().give(qos0Bytes);
      qos0Bytes = 0;
    }
  }

  @Override
  public boolean accepts(int packetBytes) {
    return packetBytes <= clientPacketBytesMax;
  }

  /** Whether the client uses MQTT 5. */
  boolean isMqtt5() {
    return mqtt5;
  }

  @Override
  public PublishFormat format() {
    return format;
  }

  @Override
  public void publish(Delivery delivery, int qos, int packetId, boolean again) {
    if (streamEnded) {
      return;
    }
    ByteBuf out = gather(delivery.packetBytes(qos, format));
    int start = out.writerIndex();
    int capacity = out.capacity();
    try {
      delivery.writeTo(out, qos, format, packetId, again);
    } catch (Throwable e) {
      // The client must not receive half a packet followed by DISCONNECT.
      out.writerIndex(start);
      throw e;
    }
    services.loop().gathered(out.capacity() - capacity);
    gathered(out);
  }

  void send(MqttMessage message) {
    if (streamEnded) {
      return;
    }
    writeGathered();
    encode(message);
    touch();
  }

  /**
   * Encodes with Netty's encoder outside the pipeline: the encoder has no state, and a handler of
   * the pipeline would cost memory for each connection.
   */
  private void encode(MqttMessage message) {
    try {
      MqttEncoder.INSTANCE.write(Objects.requireNonNull(context), message, channel.voidPromise());
    } catch (Throwable e) {
      failed(e);
    }
  }

  @Override
  public void flushBatch() {
    touched = false;
    flushGathered();
  }

  private ByteBuf gather(int bytes) {
    ByteBuf out = gathered;
    if (out == null) {
      out = channel.alloc().directBuffer(Math.max(GATHER_BYTES_MIN, bytes));
      gathered = out;
      services.loop().gathered(out.capacity());
    }
    return out;
  }

  private void gathered(ByteBuf out) {
    if (out.readableBytes() >= GATHER_BYTES_MAX) {
      writeGathered();
    }
    touch();
  }

  private void touch() {
    if (!touched) {
      touched = true;
      services.loop().touch(this);
    }
  }

  private void writeGathered() {
    ByteBuf out = gathered;
    if (out != null) {
      gathered = null;
      var _ = channel.write(out, channel.voidPromise());
    }
  }

  private void flushGathered() {
    writeGathered();
    channel.flush();
  }

  private String clientId() {
    return switch (state) {
      case Claiming(var profile, _) -> profile.clientId();
      case Live(Session session) -> session.clientId();
      case AwaitingConnect(), Ended() -> "";
    };
  }

  /** The connection's entry in the keep-alive wheel. */
  private final class KeepAliveEntry extends KeepAliveWheel.Entry {

    /**
     * Whether the socket was probed, during a pause of reading, since the last sign of life of the
     * client.
     */
    private boolean probed;

    /** Bytes of pending output at the last check during one pause for {@link HoldReason#OUTPUT}. */
    private long outputBytes = Long.MAX_VALUE;

    @Override
    protected void expired() {
      if (state instanceof AwaitingConnect) {
        refuse(new Refusal(ReasonCode.PROTOCOL_ERROR, "no CONNECT within the time allowed"));
      } else {
        end(EndReason.KEEP_ALIVE);
      }
    }

    /**
     * Whether the client counts as alive although no packet was read for the time-out. While
     * reading is paused no packet is read, so the client may be gone.
     *
     * <ul>
     *   <li>Paused for output: a client that has taken output since the last check is alive.
     *   <li>Paused for another reason that has no bound in time: the socket is probed, that is,
     *       read once per time-out. A client that keeps its Keep Alive has sent a packet by then.
     *   <li>A client for which {@value MqttConnection#PROBED_BYTES_MAX} bytes are held counts as
     *       alive without a probe, so that the memory held for it stays small. Its time-out begins
     *       anew when the pause ends.
     * </ul>
     */
    @Override
    protected boolean isAlive() {
      if (holdReason == null || streamEnded) {
        return false;
      }
      return switch (holdReason) {
        case CLAIM, DRAIN -> true; // these pauses are bounded in time
        case OUTPUT -> takesOutput();
        case INGRESS, EVENTS, ACKNOWLEDGEMENTS, OPERATIONS -> mayBeRead();
      };
    }

    private boolean takesOutput() {
      ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
      long before = outputBytes;
      outputBytes = buffer == null ? 0 : buffer.totalPendingWriteBytes();
      return outputBytes < before;
    }

    private boolean mayBeRead() {
      if (heldPackets().bytes() >= PROBED_BYTES_MAX) {
        return true;
      }
      boolean first = !probed;
      probed = true;
      if (first) {
        channel.read();
      }
      return first;
    }

    /** Called when a packet was read, or when the pause is over. */
    private void forgetProbe() {
      probed = false;
      outputBytes = Long.MAX_VALUE;
    }

    @Override
    protected void failed(Throwable cause) {
      MqttConnection.this.failed(cause);
    }
  }
}
