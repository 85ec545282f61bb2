// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.pabal.connector.ConnectorConfig.Limits;
import io.pabal.connector.admission.Admission.Permit;
import io.pabal.connector.admission.Admission.Refused;
import io.pabal.connector.admission.AdmissionQueue;
import io.pabal.connector.content.MqttString;
import io.pabal.connector.delivery.PublishFormat;
import io.pabal.connector.mqtt.ConnectionState.Claiming;
import io.pabal.connector.session.Session;
import io.pabal.connector.session.SessionProfile;
import io.pabal.sessioncache.session.Claim;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.telemetry.LogLimiter;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CONNECT and CONNACK (MQTT 5 and 3.1.1, sections 3.1 and 3.2): checks the CONNECT, claims the
 * session, answers with CONNACK. Called on the channel's event loop only.
 */
final class ConnectHandler {

  private static final Logger log = LoggerFactory.getLogger(ConnectHandler.class);
  private static final LogLimiter NOT_CLAIMED_LINES =
      LogLimiter.perSecond(count -> log.warn("sessions not claimed leftOut={}", count));

  /**
   * The smallest Maximum Packet Size that a client may announce, bytes: the longest CONNACK that
   * accepts a client, with an assigned client identifier and every property, fits in it.
   */
  private static final int PACKET_BYTES_MIN = 128;

  private static final int MAXIMUM_QOS = 1;

  /** The user property by which a client asks for {@link PublishFormat#MQTT_5_WITH_POSITION}. */
  private static final String POSITIONS = "pabal-positions";

  private static final String POSITIONS_ON = "on";

  private final MqttConnection connection;
  private final Limits limits;
  private final MqttConnectMessage message;
  private final MqttConnectVariableHeader header;
  private final MqttProperties properties;
  private final boolean mqtt5;
  private final String clientId;
  private final boolean assignedClientId;
  private final @Nullable String user;

  private ConnectHandler(MqttConnection connection, MqttConnectMessage message) {
    this.connection = connection;
    this.limits = connection.services().limits();
    this.message = message;
    this.header = message.variableHeader();
    this.properties = header.properties();
    this.mqtt5 = header.version() == MqttVersion.MQTT_5.protocolLevel();
    String given = message.payload().clientIdentifier();
    this.assignedClientId = given == null || given.isEmpty();
    this.clientId = assignedClientId ? "auto-" + UUID.randomUUID() : given;
    this.user = header.hasUserName() ? message.payload().userName() : null;
  }

  /** Takes a CONNECT; throws a {@link Refusal} for one that cannot be served. */
  static void connect(MqttConnection connection, MqttConnectMessage message) {
    new ConnectHandler(connection, message).connect();
  }

  private void connect() {
    // From here on a refusal is answered in the client's own protocol version.
    connection.setPublishFormat(format());
    connection.packetBytesMax(packetBytesMax());
    connection.wantsReasons(
        !(properties.getProperty(MqttProperties.REQUEST_PROBLEM_INFORMATION)
                instanceof MqttProperties.IntegerProperty wanted
            && wanted.value() == 0));
    if (connection.services().redirection().isActive()) {
      connection.redirect();
      return;
    }
    SessionProfile profile =
        new SessionProfile(
            clientId,
            user == null ? "" : user,
            mqtt5,
            header.isCleanSession(),
            expirySeconds(),
            Math.min(receiveMax(), limits.inFlightMax()));
    QueuedConnect pending = new QueuedConnect(profile);
    connection.claiming(new Claiming(profile, pending));
    check();
    connection.services().admissionQueue().enter(pending);
  }

  private void claim(SessionProfile profile, Permit permit) {
    AdmissionQueue admission = connection.services().admissionQueue();
    connection
        .services()
        .sessions()
        .claim(profile, connection.services().loop().eventLoop(), admission::claimed)
        .whenComplete(
            (claim, error) ->
                onEventLoop(permit, claim, () -> claimed(profile, permit, claim, error)));
  }

  /**
   * Runs a step on the way from the claim to the live session. A step that fails ends the
   * connection and gives up permit and claim: otherwise the client would wait for ever, and the
   * claim would keep the session for a connection that never has it.
   */
  private void onEventLoop(Permit permit, @Nullable Claim claim, Runnable step) {
    try {
      connection.services().loop().eventLoop().execute(() -> run(permit, claim, step));
    } catch (RejectedExecutionException e) {
      log.debug("event loop has ended client={}", clientId);
    }
  }

  private void run(Permit permit, @Nullable Claim claim, Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      permit.end();
      boolean live = connection.isLive();
      connection.failed(e);
      if (!live && claim != null) {
        connection.services().sessions().abandon(claim);
      }
    }
  }

  private PublishFormat format() {
    if (!mqtt5) {
      return PublishFormat.MQTT_3_1_1;
    }
    return POSITIONS_ON.equals(PropertyReader.user(properties, POSITIONS))
        ? PublishFormat.MQTT_5_WITH_POSITION
        : PublishFormat.MQTT_5;
  }

  private void check() {
    if (header.version() < MqttVersion.MQTT_3_1_1.protocolLevel()) {
      throw new Refusal(
          ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
          "MQTT 3.1 is not supported (expected: MQTT 5 or 3.1.1)");
    }
    if (!connection.services().anonymous()) {
      throw new Refusal(
          ReasonCode.NOT_AUTHORIZED, "this listener lets nobody in (listener.anonymous is false)");
    }
    if (properties.getProperty(MqttProperties.AUTHENTICATION_METHOD) != null) {
      throw new Refusal(
          ReasonCode.BAD_AUTHENTICATION_METHOD, "enhanced authentication is not supported");
    }
    if (assignedClientId && !mqtt5 && !header.isCleanSession()) {
      throw new Refusal(
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
          "an empty client identifier needs a clean session (3.1.3.1)");
    }
    // The length limit is for clients: an identifier that is assigned here may exceed it.
    if (!assignedClientId) {
      checkClientId();
    }
    if (user != null && MqttString.utf8Bytes(user) == MqttString.FORBIDDEN) {
      throw new Refusal(
          ReasonCode.MALFORMED_PACKET,
          "user name with " + MqttString.firstForbidden(user) + " (1.5.4)");
    }
    if (header.isWillFlag()) {
      checkWill();
      throw new Refusal(
          ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, "will messages are not supported yet");
    }
  }

  private void checkClientId() {
    int bytes = MqttString.utf8Bytes(clientId);
    if (bytes == MqttString.FORBIDDEN) {
      throw new Refusal(
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
          "client identifier with " + MqttString.firstForbidden(clientId) + " (1.5.4)");
    }
    if (bytes > limits.clientIdBytesMax()) {
      throw new Refusal(
          ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
          "client identifier too long (expected: at most " + limits.clientIdBytesMax() + " bytes)");
    }
  }

  private void checkWill() {
    ByteBuf payload = Unpooled.wrappedBuffer(message.payload().willMessageInBytes());
    ApplicationMessages.check(
        "will",
        message.payload().willTopic(),
        message.payload().willProperties(),
        payload,
        limits.addressBytesMax());
  }

  private void claimed(
      SessionProfile profile, Permit permit, @Nullable Claim claim, @Nullable Throwable error) {
    if (claim == null) {
      notClaimed(permit, error);
    } else if (isStillWanted(claim, permit)) {
      connection
          .services()
          .sessions()
          .begin(claim, profile)
          .whenComplete(
              (result, failure) ->
                  onEventLoop(permit, claim, () -> begun(profile, permit, claim, result, failure)));
    }
  }

  private void begun(
      SessionProfile profile,
      Permit permit,
      Claim claim,
      @Nullable FenceResult result,
      @Nullable Throwable error) {
    if (result != FenceResult.APPLIED) {
      if (error != null) {
        // Whether the session has begun is unknown. In either case no connection has it.
        connection.services().sessions().abandon(claim);
      }
      notClaimed(permit, error != null ? error : new IllegalStateException("claimed elsewhere"));
    } else if (isStillWanted(claim, permit)) {
      accept(profile, permit, claim);
    }
  }

  private void notClaimed(Permit permit, @Nullable Throwable error) {
    permit.end();
    if (NOT_CLAIMED_LINES.allows()) {
      log.warn("session not claimed client={} reason=\"{}\"", clientId, String.valueOf(error));
    }
    connection.refuse(
        new Refusal(
            ReasonCode.SERVER_UNAVAILABLE, "sessions cannot be claimed now; try again later"));
  }

  private boolean isStillWanted(Claim claim, Permit permit) {
    var services = connection.services();
    boolean redirected = services.redirection().isActive();
    if (!connection.isEnded() && !redirected) {
      return true;
    }
    permit.end();
    services.sessions().abandon(claim);
    if (!connection.isEnded()) {
      connection.redirect();
    }
    return false;
  }

  private void accept(SessionProfile profile, Permit permit, Claim claim) {
    var services = connection.services();
    services.metrics().connects.increment();
    int keepAliveSeconds = keepAliveSeconds();
    Session session = services.sessions().open(claim, profile, services.loop(), connection);
    connection.live(session, keepAliveSeconds);
    connection.send(
        Replies.connAck(
            claim.sessionPresent(),
            mqtt5 ? connAckProperties(profile, keepAliveSeconds) : MqttProperties.NO_PROPERTIES));
    session.resume(claim.feeds(), claim.inFlight(), permit::end);
    connection.resumeReading(MqttConnection.HoldReason.CLAIM);
  }

  private MqttProperties connAckProperties(SessionProfile profile, int keepAliveSeconds) {
    MqttProperties answer = new MqttProperties();
    if (profile.expirySeconds() != requestedExpirySeconds()) {
      add(answer, MqttProperties.SESSION_EXPIRY_INTERVAL, (int) profile.expirySeconds());
    }
    add(answer, MqttProperties.RECEIVE_MAXIMUM, limits.receiveMax());
    add(answer, MqttProperties.MAXIMUM_QOS, MAXIMUM_QOS);
    add(answer, MqttProperties.RETAIN_AVAILABLE, 0);
    add(answer, MqttProperties.MAXIMUM_PACKET_SIZE, limits.packetBytesMax());
    if (assignedClientId) {
      answer.add(new StringProperty(MqttProperties.ASSIGNED_CLIENT_IDENTIFIER, clientId));
    }
    add(answer, MqttProperties.WILDCARD_SUBSCRIPTION_AVAILABLE, 0);
    add(answer, MqttProperties.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0);
    add(answer, MqttProperties.SHARED_SUBSCRIPTION_AVAILABLE, 0);
    if (keepAliveSeconds != header.keepAliveTimeSeconds()) {
      add(answer, MqttProperties.SERVER_KEEP_ALIVE, keepAliveSeconds);
    }
    return answer;
  }

  private static void add(MqttProperties properties, int identifier, int value) {
    properties.add(new IntegerProperty(identifier, value));
  }

  /**
   * The Keep Alive in force, seconds; 0: none. Where it differs from the Keep Alive in CONNECT, an
   * MQTT 5 client gets it as Server Keep Alive (3.2.2.3.14). It holds for MQTT 3.1.1 clients, too,
   * although CONNACK cannot carry it.
   */
  private int keepAliveSeconds() {
    int asked = header.keepAliveTimeSeconds();
    int max = (int) limits.keepAliveMax().toSeconds();
    return max > 0 && (asked == 0 || asked > max) ? max : asked;
  }

  private long requestedExpirySeconds() {
    Long asked = PropertyReader.unsignedInt(properties, MqttProperties.SESSION_EXPIRY_INTERVAL);
    return asked == null ? 0 : asked;
  }

  private long expirySeconds() {
    if (mqtt5) {
      return Math.min(requestedExpirySeconds(), limits.sessionExpiryMax().toSeconds());
    }
    return header.isCleanSession() ? 0 : limits.sessionExpiryV311().toSeconds();
  }

  private int receiveMax() {
    Long asked = PropertyReader.unsignedInt(properties, MqttProperties.RECEIVE_MAXIMUM);
    if (asked != null && asked == 0) {
      throw new Refusal(ReasonCode.PROTOCOL_ERROR, "Receive Maximum 0 (3.1.2.11.3)");
    }
    return asked == null ? 65_535 : asked.intValue();
  }

  private int packetBytesMax() {
    Long asked = PropertyReader.unsignedInt(properties, MqttProperties.MAXIMUM_PACKET_SIZE);
    if (asked == null) {
      return Integer.MAX_VALUE;
    }
    if (asked == 0) {
      throw new Refusal(ReasonCode.PROTOCOL_ERROR, "Maximum Packet Size 0 (3.1.2.11.4)");
    }
    if (asked < PACKET_BYTES_MIN) {
      connection.packetBytesMax(asked.intValue());
      throw new Refusal(
          ReasonCode.PACKET_TOO_LARGE,
          "Maximum Packet Size " + asked + " (expected: at least " + PACKET_BYTES_MIN + ")");
    }
    return (int) Math.min(asked, Integer.MAX_VALUE);
  }

  /** This CONNECT while it waits in the admission queue. */
  private final class QueuedConnect implements AdmissionQueue.PendingConnect {

    private final SessionProfile profile;

    private QueuedConnect(SessionProfile profile) {
      this.profile = profile;
    }

    @Override
    public void admit(Permit permit) {
      if (connection.services().redirection().isActive()) {
        permit.end();
        connection.redirect();
        return;
      }
      try {
        claim(profile, permit);
      } catch (Throwable e) {
        var _ = connection.services().loop().caught(e);
        notClaimed(permit, e);
      }
    }

    @Override
    public void refuse(Refused reason) {
      switch (reason) {
        case RATE ->
            connection.refuseForNow(
                ReasonCode.QUOTA_EXCEEDED, "too many sessions come back; try again later");
        case IN_FLIGHT ->
            connection.refuseForNow(
                ReasonCode.SERVER_UNAVAILABLE,
                "too many sessions are on their way in; try again later");
        case BACKLOG ->
            connection.refuseForNow(
                ReasonCode.SERVER_BUSY, "too much waits for Kafka; try again later");
      }
    }
  }
}
