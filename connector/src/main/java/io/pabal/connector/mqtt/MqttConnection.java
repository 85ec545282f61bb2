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
 * One client's network connection: the last handler of its pipeline. On the channel's event loop
 * only.
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
 * <p>Reading is held back ({@link HoldReason}) while a packet cannot be processed yet: that packet
 * and what was read from the socket together with it wait here ({@link HeldPackets} has the bound);
 * the rest stays in the socket. What was received before the client closed the connection is
 * processed all the same, in whatever state the connection is: then the connection ends when
 * nothing waits any more.
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

  /** With so much of it unprocessed, a silent client is not read any further to hear it. */
  private static final long PROBED_BYTES_MAX = 64 * 1024;

  private static final long DRAIN_GRACE_MILLIS = 1_000;

  /**
   * Why nothing more is processed for now; one at a time, since a connection that holds processes
   * nothing.
   */
  enum HoldReason {
    /** The session is being claimed, or CONNECT waits for its turn. */
    CLAIM,
    /** Kafka is slower than the publishers. */
    INGRESS,
    /** So much is to be written about sessions that nothing may be added. */
    EVENTS,
    /**
     * An MQTT 3.1.1 client, which knows no Receive Maximum, has that many publishes unacknowledged.
     */
    ACKNOWLEDGEMENTS,
    /** Too many SUBSCRIBE and UNSUBSCRIBE are under way. */
    OPERATIONS,
    /** The client does not read what it is sent: what would have to be answered waits. */
    OUTPUT,
    /** The session is about to be drained: what was not processed is the next server's. */
    DRAIN
  }

  private static final String MOVED = "this server is leaving; use another one";

  private final MqttServices services;
  private final Channel channel;
  private @Nullable ChannelHandlerContext context;
  private final Silence silence = new Silence();
  private ConnectionState state = new AwaitingConnect();
  private boolean mqtt5;
  private PublishFormat format = PublishFormat.MQTT_3_1_1;
  private int clientPacketBytesMax = Integer.MAX_VALUE;

  /** Whether the client takes reason strings in any packet (MQTT 5, 3.1.2.11.7). */
  private boolean wantsReasons = true;

  private @Nullable AckQueue acks;
  private @Nullable ByteBuf gathered;
  private boolean touched;
  private @Nullable HoldReason held;
  private @Nullable HeldPackets waiting;

  /** The client has closed the connection: nothing comes and nothing can be sent any more. */
  private boolean streamEnded;

  /** The socket is being flushed so that a message of QoS 0 finds room. */
  private boolean flushingForRoom;

  /** Bytes of QoS 0 messages that were taken since the socket is full. */
  private int qos0Bytes;

  private @Nullable Runnable kafkaTakesMore;
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
        .watch(silence, (int) services.limits().connectTimeout().toSeconds());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object packet) {
    silence.heard(services.loop().keepAlive());
    silence.forgetProbe();
    MqttMessage message = (MqttMessage) packet;
    if (held != null) {
      waitFor(message);
    } else {
      process(message);
    }
  }

  private void waitFor(MqttMessage message) {
    if (waiting().addLast(message)) {
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
      // In the middle of a delivery: what waits for the socket must not change under it.
      services.loop().eventLoop().execute(this::writable);
    } else {
      writable();
    }
  }

  private void writable() {
    if (channel.isWritable() && state instanceof Live(Session session)) {
      giveBackQos0();
      session.writable();
      goOn(HoldReason.OUTPUT);
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

  /** Nothing more comes; what came before is still processed. */
  private void endStream() {
    if (streamEnded || isEnded()) {
      return;
    }
    streamEnded = true;
    ReferenceCountUtil.release(gathered);
    gathered = null;
    if (waiting == null || waiting.isEmpty()) {
      end(EndReason.CONNECTION_LOST, null, "");
    } else {
      // Nobody waits for answers any more.
      goOn(HoldReason.OUTPUT);
      goOn(HoldReason.OPERATIONS);
    }
  }

  @Override
  public void failed(Throwable cause) {
    if (!services.loop().caught(cause) && FAILURE_LINES.allows()) {
      log.error("connection failed remote={} client={}", remote(), clientId(), cause);
    }
    end(EndReason.SERVER_ERROR);
  }

  /** A task of the event loop that fails would be heard of by nobody. */
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
      waiting().addFirst(message);
      hold(reason);
      return;
    }
    try {
      handle(message);
    } catch (Refusal refusal) {
      refuse(refusal);
    } catch (Throwable e) {
      // Not left to the pipeline: what was held back is processed outside of it.
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

  void speaks(PublishFormat spoken) {
    format = spoken;
    mqtt5 = spoken != PublishFormat.MQTT_3_1_1;
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
    services.loop().keepAlive().watch(silence, (keepAliveSeconds * 3 + 1) / 2);
  }

  /** There are more than {@code max} connections of this event loop without a CONNECT. */
  void closeUnconnected(int max) {
    services.metrics().unconnectedClosed.increment();
    log.debug("connection closed remote={} reason=\"{} others without CONNECT\"", remote(), max);
    ended();
    closeNow();
  }

  /** Ends the connection for something the client did: one log line, one reason for the client. */
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
      // What ends a connection in doubt must not fail in turn, for instance for want of a buffer.
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

  /** Ends the session; completes when Redis has its release. */
  private CompletionStage<Void> release(Session session, EndReason reason) {
    try {
      return session.end(reason);
    } finally {
      // Not before: who claims it next has to meet either the session or, in Redis, its release.
      services.sessions().remove(session);
    }
  }

  private void ended() {
    if (state instanceof Claiming(_, var guest)) {
      services.waitingRoom().leave(guest);
    }
    services.unconnected().remove(this);
    giveBackQos0();
    state = new Ended();
    services.loop().keepAlive().forget(silence);
    if (kafkaTakesMore != null) {
      services.loop().forgetIngress(kafkaTakesMore);
    }
    throwAwayWaiting();
  }

  private void refuseConnect(ReasonCode code, String text, @Nullable String serverReference) {
    MqttMessage connAck =
        Replies.refuseConnect(code, text, serverReference, mqtt5, clientPacketBytesMax);
    if (connAck != null) {
      send(connAck);
    }
  }

  /**
   * Answers a CONNECT for which this is not the time. Not the client's doing, and there may be very
   * many: no log line.
   */
  void turnAway(ReasonCode code, String text) {
    ended();
    refuseConnect(code, text, null);
    closeAfterFlush();
  }

  // ---- leaving

  /** Answers a CONNECT with the way to another server (4.11). */
  void redirect() {
    services.metrics().connectsRedirected.increment();
    ended();
    refuseConnect(movedTo(), MOVED, services.redirection().serverReference());
    closeAfterFlush();
  }

  /**
   * Sends the client to another server once what it published is acknowledged, for which Kafka has
   * {@value #DRAIN_GRACE_MILLIS} ms: a publisher that gets its PUBACKs sends nothing twice.
   */
  private void drain() {
    if (!(state instanceof Live) || held == HoldReason.DRAIN) {
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
    // Told when the cursors are written, so that the next server starts from them.
    var _ =
        release(session, EndReason.DRAINING)
            .thenRun(() -> services.loop().eventLoop().execute(guarded(this::sendAway)));
  }

  private void sendAway() {
    if (mqtt5) {
      send(
          Replies.disconnect(
              movedTo(), MOVED, services.redirection().serverReference(), clientPacketBytesMax));
    }
    closeAfterFlush();
  }

  private ReasonCode movedTo() {
    return services.redirection().isPermanent()
        ? ReasonCode.SERVER_MOVED
        : ReasonCode.USE_ANOTHER_SERVER;
  }

  private void closeAfterFlush() {
    flushGathered();
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    if (channel.isActive()) {
      // A client that does not read would keep the farewell, and with it the socket, for ever.
      var _ =
          channel.eventLoop().schedule(this::closeNow, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void closeNow() {
    var _ = channel.close();
  }

  // ---- holding back

  void hold(HoldReason reason) {
    held = reason;
    if (reason != HoldReason.CLAIM) {
      // Hardly a client sends more before its CONNACK: only what comes shall stop the reading.
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

  private void awaitKafka(boolean over) {
    Runnable resume = kafkaTakesMore;
    if (resume == null) {
      resume =
          () -> {
            goOn(HoldReason.INGRESS);
            goOn(HoldReason.EVENTS);
          };
      kafkaTakesMore = resume;
    }
    services.loop().awaitIngress(resume);
    if (over) {
      // It ended before it was waited for.
      channel.eventLoop().execute(resume);
    }
  }

  /** Processes what waited for {@code reason}, and reads on. */
  void goOn(HoldReason reason) {
    if (held != reason) {
      return;
    }
    held = null;
    silence.heard(services.loop().keepAlive()); // nothing could be heard in the pause
    silence.forgetProbe();
    HeldPackets packets = waiting;
    while (held == null && packets != null && !packets.isEmpty()) {
      process(packets.removeFirst());
    }
    if (held != null) {
      return;
    }
    waiting = null;
    if (streamEnded) {
      end(EndReason.CONNECTION_LOST, null, "");
    } else {
      channel.config().setAutoRead(true);
    }
  }

  void operationStarted() {
    operations++;
  }

  void operationEnded() {
    operations--;
    goOn(HoldReason.OPERATIONS);
  }

  private HeldPackets waiting() {
    HeldPackets present = waiting;
    if (present == null) {
      present = new HeldPackets(services.held());
      waiting = present;
    }
    return present;
  }

  private void throwAwayWaiting() {
    held = null;
    if (waiting != null) {
      waiting.clear();
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
    if (held == HoldReason.ACKNOWLEDGEMENTS
        && unacknowledged() <= services.limits().receiveMax() / 2) {
      goOn(HoldReason.ACKNOWLEDGEMENTS);
    }
    if (held == HoldReason.DRAIN && unacknowledged() == 0) {
      drained();
    }
  }

  /** MQTT 3.1.1 has no answer but the end of the connection. */
  @Override
  public boolean outlivesRefusal() {
    return mqtt5;
  }

  @Override
  public void refuse(int packetId, AppendRefusedException refusal) {
    if (isEnded()) {
      return;
    }
    // 0x95 is no code of PUBACK (3.4.2.1).
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
    // The mark was reached by what the loop has not flushed yet: the socket may take all of it.
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

  /** Whether the client speaks MQTT 5. */
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
      // The client must not get half a packet, with its farewell behind it.
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

  /** The encoder has no state, and so no place in the pipeline, which would cost memory. */
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

  /** The connection's place in the keep-alive wheel. */
  private final class Silence extends KeepAliveWheel.Entry {

    /** Whether a read was tried, in a pause of reading, since anything was heard. */
    private boolean probed;

    /** What waited to be written when this was looked at last, during one pause for output. */
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
     * A client is not heard while reading is paused, and may be gone. One that takes output is
     * there. Of another one what lies in its socket is read, once for each time-out: a client that
     * keeps its Keep Alive has sent something by then. One that has sent much is not read further,
     * so that little is held for it; it is listened to again when the pause is over.
     */
    @Override
    protected boolean isAlive() {
      if (held == null || streamEnded) {
        return false;
      }
      return switch (held) {
        case CLAIM, DRAIN -> true; // for a bounded time
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
      if (waiting().bytes() >= PROBED_BYTES_MAX) {
        return true;
      }
      boolean first = !probed;
      probed = true;
      if (first) {
        channel.read();
      }
      return first;
    }

    /** Something was heard, or the pause is over. */
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
