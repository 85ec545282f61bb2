// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.pabal.connector.mqtt.ReasonCode;
import io.pabal.connector.session.EndReason;
import io.pabal.schemas.SkippedRecords;
import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.EnumCounter;
import io.pabal.telemetry.Outcome;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/** What one connector has counted since its start. Thread-safe: any thread counts and reads. */
public final class ConnectorMetrics {
  /** CONNECT packets that got a session. */
  public final LongAdder connects = new LongAdder();

  /** CONNECT packets that were refused with another server's address while the connector drains. */
  public final LongAdder connectsRedirected = new LongAdder();

  /** Sessions that were ended because the connector drains. */
  public final LongAdder sessionsDrained = new LongAdder();

  /** CONNECT packets refused because too many sessions began within a second. */
  public final LongAdder connectsOverRate = new LongAdder();

  /** CONNECT packets refused because too many sessions were in flight. */
  public final LongAdder connectsOverInFlight = new LongAdder();

  /** CONNECT packets refused because the backlog for Kafka was too large. */
  public final LongAdder connectsOverBacklog = new LongAdder();

  /**
   * Connections refused or closed because of something that the client did, or because its session
   * could not be claimed, by reason code.
   */
  public final EnumCounter<ReasonCode> refusals = new EnumCounter<>(ReasonCode.class);

  /** Sessions whose network connection ended, by reason. */
  public final EnumCounter<EndReason> disconnects = new EnumCounter<>(EndReason.class);

  /** PUBLISH packets handed to Kafka. */
  public final LongAdder publishes = new LongAdder();

  /**
   * Messages that Kafka did not append, for instance because it did not answer in time; at QoS 1
   * the publisher's connection was closed.
   */
  public final LongAdder appendsFailed = new LongAdder();

  /**
   * Messages refused because {@code messages} does not accept them: only their publisher is
   * affected.
   */
  public final LongAdder appendsRefused = new LongAdder();

  /** Whether Kafka appended the newest message, or why not. */
  public final Outcome appendOutcome = new Outcome();

  /** How often reading from publishing sockets was paused because Kafka was slow. */
  public final LongAdder ingressPauses = new LongAdder();

  /** Records of the deliveries topic that carried a message, for any incarnation. */
  public final LongAdder deliveries = new LongAdder();

  /** Of these, records dropped because their position was seen before. */
  public final LongAdder deliveriesRepeated = new LongAdder();

  /**
   * Of these, records whose schema the connector does not know yet: their messages are read from
   * the timeline.
   */
  public final LongAdder deliveriesPending = new LongAdder();

  /** Of these, records dropped because they belong to an activation that is over. */
  public final LongAdder deliveriesStale = new LongAdder();

  /**
   * Records of any topic that are not as they should be: they cannot be decoded, or contradict what
   * the connector knows.
   */
  public final LongAdder malformed = new LongAdder();

  /** Logs the records that were skipped, and counts them in {@link #malformed}. */
  public final SkippedRecords skipped =
      new SkippedRecords(LoggerFactory.getLogger(SkippedRecords.class), malformed);

  /** Messages and deliveries not traced because too many were to be traced within a second. */
  public final LongAdder tracesOverRate = new LongAdder();

  /** PUBLISH packets written to sockets. */
  public final LongAdder sent = new LongAdder();

  /** Connections closed before CONNECT because too many connections had not sent CONNECT yet. */
  public final LongAdder unconnectedClosed = new LongAdder();

  /**
   * Messages of a feed that matched no subscription of a session with the feed, counted for each
   * session.
   */
  public final LongAdder unwanted = new LongAdder();

  /** QoS 0 messages not written because too many bytes waited for the socket. */
  public final LongAdder qos0Dropped = new LongAdder();

  /**
   * Messages that cannot be sent as valid MQTT to any client: skipped for all sessions, counted
   * once.
   */
  public final LongAdder unsendable = new LongAdder();

  /** Messages not written because they exceed the client's Maximum Packet Size. */
  public final LongAdder tooLargeForClient = new LongAdder();

  /** How often a session fell behind in a feed. */
  public final LongAdder behind = new LongAdder();

  /** Sessions with a feed that is behind now; counted up and down. */
  public final LongAdder sessionsBehind = new LongAdder();

  /** Timeline pages that were requested to catch up. */
  public final LongAdder catchUpReads = new LongAdder();

  /** Timeline pages that a session took from a read that another session had started. */
  public final LongAdder catchUpReadsShared = new LongAdder();

  /**
   * Deliveries in memory that a session which was behind continued with, counted for each session.
   */
  public final LongAdder catchUpRecent = new LongAdder();

  /** Pages that were requested from Kafka because the timeline no longer had the range. */
  public final LongAdder historyReads = new LongAdder();

  /** Records, of all addresses, that were scanned for these pages. */
  public final LongAdder historyRecordsScanned = new LongAdder();

  /** Ranges that Kafka no longer had either: reported as gaps, once per session and range. */
  public final LongAdder gaps = new LongAdder();

  /** QoS 1 messages sent again, with DUP, because their connection had ended before the PUBACK. */
  public final LongAdder resent = new LongAdder();

  /** QoS 1 messages sent once more because an operator had asked for it. */
  public final LongAdder repeated = new LongAdder();

  /** Live sessions written to Redis again after Redis had lost them. */
  public final LongAdder sessionsRestored = new LongAdder();

  /** Claims for which another connector released its session in time, with its newest cursors. */
  public final LongAdder sessionsHandedOver = new LongAdder();

  /** Claims that took a session from another connector that did not release it in time. */
  public final LongAdder sessionsNotHandedOver = new LongAdder();

  /** Sessions that another claim took. */
  public final LongAdder takeovers = new LongAdder();

  /**
   * The time from the permit of a CONNECT until the messages that its session missed are on their
   * way to the client, or until the permit runs out.
   */
  public final DelayHistogram resumeDelay = new DelayHistogram();

  /** The time from a PUBLISH until Kafka has appended its message or the append has failed. */
  public final DelayHistogram appendDelay = new DelayHistogram();

  /**
   * The time from publishing a message, at any connector, until it is written to the sockets of one
   * event loop: one value for each live message and each loop with subscribers of its address.
   */
  public final DelayHistogram deliveryDelay = new DelayHistogram();

  /** The time to read one page of a timeline, including waiting for the timeline writer. */
  public final DelayHistogram catchUpPageDelay = new DelayHistogram();

  /** The time to read one page of {@code messages}, including waiting for the reader. */
  public final DelayHistogram historyPageDelay = new DelayHistogram();
}
