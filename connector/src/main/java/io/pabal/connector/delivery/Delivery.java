// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import io.netty.buffer.ByteBuf;
import io.pabal.connector.content.StoredMessage;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.tracing.TraceContext;
import io.pabal.schemas.MessageView;
import io.pabal.telemetry.DelayHistogram;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way to this connector's sessions. Any thread, except where a method names the
 * event loop.
 *
 * <p>Immutable except for the encoded packets. The first session that needs a packet encodes it,
 * and the other sessions share it. The frames are immutable, so a race between two event loops
 * costs one more encoding and nothing else.
 */
public final class Delivery implements LoopEvent {

  /** Estimated bytes of the objects of a delivery, without the record and the encoded packets. */
  static final int HEAP_BYTES_FIXED = 256;

  private final Feed feed;
  private final String address;
  private final long offset;
  private final MessageView message;
  private final long atMillis;
  private final @Nullable TraceContext trace;
  private final @Nullable String gap;
  private final @Nullable String whyUnsendable;
  private final @Nullable PublishFrame[] frames =
      new @Nullable PublishFrame[2 * PublishFormat.COUNT];

  /**
   * The message at {@code offset} of the feed's partition, delivered at {@code atMillis}
   * (milliseconds since 1970), without a trace context of this connector.
   *
   * @param address the address that it was published to
   */
  public Delivery(Feed feed, String address, long offset, MessageView message, long atMillis) {
    this(feed, address, offset, message, atMillis, null);
  }

  /**
   * The message at {@code offset} of the feed's partition, delivered at {@code atMillis}
   * (milliseconds since 1970).
   *
   * @param address the address that it was published to
   * @param trace the trace context that MQTT 5 clients receive instead of the publisher's own; null
   *     when the message is not traced
   */
  Delivery(
      Feed feed,
      String address,
      long offset,
      MessageView message,
      long atMillis,
      @Nullable TraceContext trace) {
    this(
        feed,
        feed.shared(address),
        offset,
        message,
        atMillis,
        trace,
        null,
        whyUnsendable(feed, feed.shared(address), message));
  }

  private Delivery(
      Feed feed,
      String address,
      long offset,
      MessageView message,
      long atMillis,
      @Nullable TraceContext trace,
      @Nullable String gap,
      @Nullable String whyUnsendable) {
    this.feed = feed;
    this.address = address;
    this.offset = offset;
    this.message = message;
    this.atMillis = atMillis;
    this.trace = trace;
    this.gap = gap;
    this.whyUnsendable = whyUnsendable;
  }

  /**
   * This message for one MQTT 5 client, with a user property {@value PublishFormat#GAP}. The
   * property says that messages before this one may be gone.
   *
   * @param positions the missing positions, {@code <partition>:<from>-<through>}
   */
  public Delivery withGap(String positions) {
    return new Delivery(feed, address, offset, message, atMillis, trace, positions, whyUnsendable);
  }

  /**
   * This message with the publisher's own trace context instead of the connector's. For a client
   * whose Maximum Packet Size is too small for the packet with the connector's context. Returns
   * this delivery when it is not traced.
   */
  public Delivery untraced() {
    return trace == null
        ? this
        : new Delivery(feed, address, offset, message, atMillis, null, gap, whyUnsendable);
  }

  /**
   * This message, delivered at {@code nowMillis} (milliseconds since 1970) instead: whether it is
   * expired, and the Message Expiry Interval that clients receive, are as of then. Returns this
   * delivery when both are the same, so that its packets stay shared.
   */
  public Delivery at(long nowMillis) {
    long expiry = message.expiresAtMillis();
    return expiry == MessageView.NEVER
            || PublishFrame.expirySeconds(expiry, atMillis)
                == PublishFrame.expirySeconds(expiry, nowMillis)
        ? this
        : new Delivery(feed, address, offset, message, nowMillis, trace, gap, whyUnsendable);
  }

  /** Estimated bytes of heap: the record, one encoded packet, and the objects. */
  int heapBytes() {
    return HEAP_BYTES_FIXED + 2 * message.length();
  }

  /** The address that the message was published to. */
  public String address() {
    return address;
  }

  /** The message's offset in its partition of {@code messages}. */
  public long offset() {
    return offset;
  }

  /**
   * Why the message cannot be sent to any client; null when it can. All methods that read the
   * message or write its packet require that this is null; {@link #offset} and {@link #address} do
   * not.
   */
  public @Nullable String whyUnsendable() {
    return whyUnsendable;
  }

  /** The QoS that the message was published at. */
  public int qos() {
    return message.qos();
  }

  /** The client identifier of the publisher. */
  public String publisher() {
    return message.clientId();
  }

  /** Whether the message's expiry interval has passed (MQTT 5, 3.3.2.3.3). */
  public boolean isExpired() {
    return message.expiresAtMillis() <= atMillis;
  }

  /** Length of the PUBLISH packet in bytes, at QoS 0 or 1. */
  public int packetBytes(int qos, PublishFormat format) {
    return frame(qos, format).length();
  }

  /**
   * Appends the PUBLISH packet to {@code out} (MQTT 5 and 3.1.1, 3.3).
   *
   * @param qos 0 or 1
   * @param packetId the Packet Identifier; used at QoS 1 only
   * @param duplicate the DUP flag; used at QoS 1 only
   */
  public void writeTo(ByteBuf out, int qos, PublishFormat format, int packetId, boolean duplicate) {
    frame(qos, format).writeTo(out, packetId, duplicate);
  }

  @Override
  public void apply(int loop) {
    feed.forEach(loop, subscriber -> subscriber.deliver(this));
  }

  @Override
  public void apply(LoopContext loop) {
    feed.forEach(
        loop.index(),
        subscriber -> {
          subscriber.deliver(this);
          loop.flushIfMuch();
        });
  }

  @Override
  public void failed(int loop, Throwable cause) {
    feed.forEach(loop, subscriber -> subscriber.failed(cause));
  }

  @Override
  public void written(int loop, long nowMillis, DelayHistogram delays) {
    if (feed.hasSubscribers(loop)) {
      delays.recordMillis(nowMillis - message.publishedAtMillis());
    }
  }

  /** Number of subscribers on event loop number {@code loop}. Called on that loop only. */
  int subscribers(int loop) {
    return feed.subscribers(loop);
  }

  private static @Nullable String whyUnsendable(Feed feed, String address, MessageView message) {
    return feed.isTopicName(address)
        ? StoredMessage.whyUnsendable(message)
        : "the address is no topic name of MQTT";
  }

  private PublishFrame frame(int qos, PublishFormat format) {
    int variant = qos * PublishFormat.COUNT + format.index;
    PublishFrame frame = frames[variant];
    if (frame == null) {
      frame =
          PublishFrame.encode(
              address, feed.partition(), offset, message, qos, format, atMillis, trace, gap);
      frames[variant] = frame;
    }
    return frame;
  }
}
