// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.pabal.chaos.plan.FaultKind;
import io.pabal.chaos.plan.ProcessKind;
import org.jspecify.annotations.Nullable;

/**
 * One event, which is one line of a history. All times are milliseconds since 1970 UTC by the clock
 * of the machine.
 *
 * <p>A client's request is recorded before it is sent, and an answer after it arrived. So an event
 * between a request and its answer may have happened before or after the server processed the
 * request.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Event.RunStarted.class, name = "run-started"),
  @JsonSubTypes.Type(value = Event.FaultBegun.class, name = "fault-begun"),
  @JsonSubTypes.Type(value = Event.FaultOver.class, name = "fault-over"),
  @JsonSubTypes.Type(value = Event.PartExited.class, name = "part-exited"),
  @JsonSubTypes.Type(value = Event.Published.class, name = "published"),
  @JsonSubTypes.Type(value = Event.Acknowledged.class, name = "acknowledged"),
  @JsonSubTypes.Type(value = Event.Connecting.class, name = "connecting"),
  @JsonSubTypes.Type(value = Event.Connected.class, name = "connected"),
  @JsonSubTypes.Type(value = Event.Disconnected.class, name = "disconnected"),
  @JsonSubTypes.Type(value = Event.Subscribing.class, name = "subscribing"),
  @JsonSubTypes.Type(value = Event.Subscribed.class, name = "subscribed"),
  @JsonSubTypes.Type(value = Event.Unsubscribing.class, name = "unsubscribing"),
  @JsonSubTypes.Type(value = Event.Unsubscribed.class, name = "unsubscribed"),
  @JsonSubTypes.Type(value = Event.Arrived.class, name = "arrived"),
  @JsonSubTypes.Type(value = Event.Appended.class, name = "appended"),
  @JsonSubTypes.Type(value = Event.Gap.class, name = "gap")
})
public sealed interface Event {

  /** The time of the event, in milliseconds since 1970 UTC. */
  long atMillis();

  /** The traffic begins. */
  record RunStarted(long atMillis, long seed, double minutes) implements Event {}

  /** A fault begins. */
  record FaultBegun(long atMillis, int number, FaultKind kind, ProcessKind part, long lastsMillis)
      implements Event {}

  /** A fault is over: the part was started again, or continued, or flushed. */
  record FaultOver(long atMillis, int number) implements Event {}

  /** A part ended by itself; it is started again. */
  record PartExited(long atMillis, ProcessKind part, int status) implements Event {}

  /** A publisher is about to send a PUBLISH. */
  record Published(long atMillis, Packet packet, String address) implements Event {}

  /** A publisher got a PUBACK with a success code for this packet. */
  record Acknowledged(long atMillis, Packet packet) implements Event {}

  /** A subscriber is about to connect; its connections are numbered from 1. */
  record Connecting(
      long atMillis, String client, int connection, String connector, boolean cleanStart)
      implements Event {}

  /** A subscriber got its CONNACK. */
  record Connected(long atMillis, String client, int connection, boolean sessionPresent)
      implements Event {}

  /** A subscriber's connection ended, or could not be opened. */
  record Disconnected(long atMillis, String client, int connection, String cause)
      implements Event {}

  /** A subscriber is about to subscribe. */
  record Subscribing(long atMillis, String client, int connection, String address)
      implements Event {}

  /** A subscriber got a SUBACK that grants QoS 1. */
  record Subscribed(long atMillis, String client, int connection, String address)
      implements Event {}

  /** A subscriber is about to unsubscribe. */
  record Unsubscribing(long atMillis, String client, int connection, String address)
      implements Event {}

  /** A subscriber got the UNSUBACK. */
  record Unsubscribed(long atMillis, String client, int connection, String address)
      implements Event {}

  /**
   * A subscriber got a message, and has not acknowledged it yet.
   *
   * @param position the message's position according to the server; null: the server sent none
   */
  record Arrived(
      long atMillis,
      String client,
      int connection,
      String address,
      Packet packet,
      @Nullable MessagePosition position)
      implements Event {}

  /** A record of {@code messages}, read at the end; the time is the record's timestamp. */
  record Appended(long atMillis, MessagePosition position, String address, Packet packet)
      implements Event {}

  /** A GAP event of {@code sessions}: messages between two offsets, inclusive, may be missing. */
  record Gap(
      long atMillis,
      String client,
      String address,
      int partition,
      long fromOffset,
      long throughOffset)
      implements Event {}
}
