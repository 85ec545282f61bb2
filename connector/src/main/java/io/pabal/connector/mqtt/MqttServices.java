// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.admission.AdmissionQueue;
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
 * @param loop the state of the event loop
 * @param appended the mailbox through which Kafka's acknowledgements reach the loop
 * @param ingress appends to {@code messages}
 * @param sessions the live sessions
 * @param redirection where clients are sent once the connector drains
 * @param admissionQueue the loop's CONNECTs that wait for a permit
 * @param unconnected the loop's connections that have not sent CONNECT
 * @param held the budget of the packets that the loop's connections hold
 * @param qos0Budget the budget of the QoS 0 messages that wait for full sockets, over all
 *     connections of the connector
 * @param overloaded whether the backlog for Kafka is so large that no client may connect, subscribe
 *     or unsubscribe; {@link LoopContext#awaitIngress} calls back when that ends
 * @param anonymous whether clients may connect without credentials
 * @param limits what clients may ask for
 * @param metrics the connector's counters
 * @param refusalLog the log lines about refused clients
 */
record MqttServices(
    LoopContext loop,
    Mailbox<Append> appended,
    Ingress ingress,
    SessionTable sessions,
    Redirection redirection,
    AdmissionQueue admissionQueue,
    Unconnected unconnected,
    HeldPackets.Budget held,
    Qos0Budget qos0Budget,
    BooleanSupplier overloaded,
    boolean anonymous,
    ConnectorConfig.Limits limits,
    ConnectorMetrics metrics,
    RefusalLog refusalLog) {}
