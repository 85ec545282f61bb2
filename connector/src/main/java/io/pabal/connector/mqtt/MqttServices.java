// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.WaitingRoom;
import io.pabal.connector.drain.Redirection;
import io.pabal.connector.ingress.Append;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.loop.Mailbox;
import io.pabal.connector.session.SessionTable;
import java.util.function.BooleanSupplier;

/**
 * What all connections of one event loop share.
 *
 * @param loop the event loop's own things
 * @param appended where Kafka's acknowledgements reach the loop
 * @param ingress the way into {@code messages}
 * @param sessions the live sessions
 * @param redirection what clients are told once the connector drains
 * @param waitingRoom who is let in now, and who waits for it
 * @param unconnected the loop's connections that have not sent CONNECT
 * @param held what the loop's connections hold until it can be processed
 * @param qos0Budget what all connections of the connector have at QoS 0 for full sockets
 * @param overloaded whether so much waits for Kafka that nobody may connect, subscribe or
 *     unsubscribe; {@link LoopContext#awaitIngress} tells when it ends
 * @param anonymous whether clients are let in without credentials
 * @param limits what clients may ask for
 * @param metrics what is counted
 * @param refusalLog the log lines about refused clients
 */
record MqttServices(
    LoopContext loop,
    Mailbox<Append> appended,
    Ingress ingress,
    SessionTable sessions,
    Redirection redirection,
    WaitingRoom waitingRoom,
    Unconnected unconnected,
    HeldPackets.Budget held,
    Qos0Budget qos0Budget,
    BooleanSupplier overloaded,
    boolean anonymous,
    ConnectorConfig.Limits limits,
    ConnectorMetrics metrics,
    RefusalLog refusalLog) {}
