// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.delivery.AddressTable;
import io.pabal.connector.history.HistoryReader;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.timeline.TimelineReader;

/**
 * What all sessions of a connector share. Everything in it is safe for use by many threads and
 * never blocks.
 *
 * @param addresses the addresses with local subscriptions
 * @param messages decodes what was published
 * @param store sessions and cursors in Redis
 * @param timelines the newest messages of each address
 * @param history what the timelines no longer have
 * @param events where the steps of a session's life are told
 * @param limits what clients may ask for
 * @param metrics what is counted
 */
public record SessionServices(
    AddressTable addresses,
    AvroCodec<Message> messages,
    SessionStore store,
    TimelineReader timelines,
    HistoryReader history,
    SessionEvents events,
    ConnectorConfig.Limits limits,
    ConnectorMetrics metrics) {}
