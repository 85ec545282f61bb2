// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.history.HistoryReader;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Message;
import io.pabal.sessioncache.session.SessionStore;

/**
 * The services that all sessions of a connector share. All are safe for use by many threads and
 * never block.
 *
 * @param feeds the feeds with local subscriptions
 * @param messages decodes published messages
 * @param store sessions and cursors in Redis
 * @param checkpoints writes the progress of sessions to Redis
 * @param generations the generations of the buckets of the live sessions
 * @param timelines the newest messages of each feed
 * @param history reads from Kafka the messages that the timelines no longer have
 * @param events reports the events of sessions, for example connect and disconnect
 * @param limits the limits for clients
 * @param metrics the connector's metrics
 */
public record SessionServices(
    FeedTable feeds,
    AvroCodec<Message> messages,
    SessionStore store,
    CheckpointWriter checkpoints,
    ClaimGenerations generations,
    TimelineReads timelines,
    HistoryReader history,
    SessionEvents events,
    ConnectorConfig.Limits limits,
    ConnectorMetrics metrics) {}
