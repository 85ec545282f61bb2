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

/** What one connector counts since its start. Any thread may count and read. */
public final class ConnectorMetrics {
  /** CONNECT packets that got a session. */
  public final LongAdder connects = new LongAdder();

  /** CONNECT packets that were sent to another server, because this connector drains. */
  public final LongAdder connectsRedirected = new LongAdder();

  /** Sessions that were ended because this connector drains. */
  public final LongAdder sessionsDrained = new LongAdder();

  /** CONNECT packets refused because too many came within a second. */
  public final LongAdder connectsOverRate = new LongAdder();

  /** CONNECT packets refused because too many sessions were on their way in. */
  public final LongAdder connectsOverInFlight = new LongAdder();

  /** CONNECT packets refused because too much waited to be written to Kafka. */
  public final LongAdder connectsOverBacklog = new LongAdder();

  /** Connections refused or closed for something the client did, by what it was told. */
  public final EnumCounter<ReasonCode> refusals = new EnumCounter<>(ReasonCode.class);

  /** Sessions whose network connection ended, by why. */
  public final EnumCounter<EndReason> disconnects = new EnumCounter<>(EndReason.class);

  /** PUBLISH packets handed to Kafka. */
  public final LongAdder publishes = new LongAdder();

  /** Messages that Kafka did not take in time; at QoS 1 their connection was closed. */
  public final LongAdder appendsFailed = new LongAdder();

  /** Messages refused because {@code messages} does not take them: only their publisher is told. */
  public final LongAdder appendsRefused = new LongAdder();

  /** Whether the newest append was taken by Kafka, or why not. */
  public final Outcome appendOutcome = new Outcome();

  /** Times that reading from publishing sockets was paused because Kafka was slow. */
  public final LongAdder ingressPauses = new LongAdder();

  /** Records of the deliveries topic that were messages for this incarnation. */
  public final LongAdder deliveries = new LongAdder();

  /** Of these, records dropped because their position was seen before. */
  public final LongAdder deliveriesRepeated = new LongAdder();

  /** Of these, records whose schema is not known here yet: they are read from the timeline. */
  public final LongAdder deliveriesPending = new LongAdder();

  /** Records dropped because they belong to an activation that is over. */
  public final LongAdder deliveriesStale = new LongAdder();

  /** Records, of whatever topic, that are not what they should be. */
  public final LongAdder malformed = new LongAdder();

  /** Counts them there, and logs them. */
  public final SkippedRecords skipped =
      new SkippedRecords(LoggerFactory.getLogger(SkippedRecords.class), malformed);

  /** Messages and deliveries not traced because too many came within a second. */
  public final LongAdder tracesOverRate = new LongAdder();

  /** PUBLISH packets written to sockets. */
  public final LongAdder sent = new LongAdder();

  /** Connections closed because too many others had not sent CONNECT yet. */
  public final LongAdder unconnectedClosed = new LongAdder();

  /** QoS 0 messages not written because too much waited for the socket. */
  public final LongAdder qos0Dropped = new LongAdder();

  /**
   * Messages that cannot be sent as valid MQTT to anybody: skipped for all sessions, counted once.
   */
  public final LongAdder unsendable = new LongAdder();

  /** Messages not written because they exceed the client's Maximum Packet Size. */
  public final LongAdder tooLargeForClient = new LongAdder();

  /** Times that a subscription fell behind. */
  public final LongAdder behind = new LongAdder();

  /** Sessions of which some subscription is behind now; counted up and down. */
  public final LongAdder sessionsBehind = new LongAdder();

  /** Timeline pages read to catch up. */
  public final LongAdder catchUpReads = new LongAdder();

  /** Ranges that a timeline no longer had and that were asked of Kafka, page by page. */
  public final LongAdder historyReads = new LongAdder();

  /** Records of all addresses that were looked through for that. */
  public final LongAdder historyRecordsScanned = new LongAdder();

  /** Ranges that Kafka no longer had either: reported as gaps, once per session and range. */
  public final LongAdder gaps = new LongAdder();

  /** QoS 1 messages sent again, with DUP, because their connection had ended before the PUBACK. */
  public final LongAdder resent = new LongAdder();

  /** QoS 1 messages sent once more because an operator wanted it. */
  public final LongAdder repeated = new LongAdder();

  /** Live sessions written to Redis again after it had lost them. */
  public final LongAdder sessionsRestored = new LongAdder();

  /** Sessions that another claim took. */
  public final LongAdder takeovers = new LongAdder();

  /** From CONNECT until what a session missed is on its way, at most until its permit runs out. */
  public final DelayHistogram resumeDelay = new DelayHistogram();

  /** From handing a message to the producer until Kafka has it, or has failed to take it. */
  public final DelayHistogram appendDelay = new DelayHistogram();

  /**
   * From publishing a message, anywhere, until it is written to the sockets of one event loop: one
   * for each live message and each loop with subscribers of its address.
   */
  public final DelayHistogram deliveryDelay = new DelayHistogram();

  /** Reading one page of a timeline, with waiting for the timeline writer. */
  public final DelayHistogram catchUpPageDelay = new DelayHistogram();

  /** Reading one page of {@code messages}, with waiting for one's turn. */
  public final DelayHistogram historyPageDelay = new DelayHistogram();
}
