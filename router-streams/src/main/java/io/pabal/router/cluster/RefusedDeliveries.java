// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The refusals of deliveries topics in the last {@value #MINUTES} minutes. A topic's limit may be
 * lower than the limit that was read last, and an interceptor or a proxy may have a limit that
 * cannot be read. Safe for use by many threads.
 *
 * <p>Each refusal further restricts the records that are sent to the topic, so a record costs few
 * attempts:
 *
 * <ol>
 *   <li>After a refusal for size, no message of that size or larger is sent.
 *   <li>After {@value #MESSAGES_MAX} refusals, or one refusal for another reason, no message is
 *       sent at all; messages are announced.
 *   <li>After the refusal of an announcement, nothing is sent.
 * </ol>
 */
public final class RefusedDeliveries {

  private static final Logger log = LoggerFactory.getLogger(RefusedDeliveries.class);
  private static final int MINUTES = 10;
  private static final int MESSAGES_MAX = 3;
  private static final int TOPICS_MAX = 10_000;

  private final Map<String, Limit> limits = new ConcurrentHashMap<>();
  private final Clock clock;

  public RefusedDeliveries(Clock clock) {
    this.clock = clock;
  }

  /**
   * Notes that a topic refused a record.
   *
   * @param bytes the record's size, as {@link DeliverySize} counts it
   * @param message whether the record was a message, not an announcement or a rewind
   * @param forSize whether the record was refused for its size
   */
  public void add(String topic, int bytes, boolean message, boolean forSize) {
    if (limits.size() >= TOPICS_MAX) {
      limits.clear();
    }
    long untilMillis = clock.millis() + TimeUnit.MINUTES.toMillis(MINUTES);
    Limit now =
        limits.compute(
            topic,
            (name, old) -> {
              Limit before = old == null || isOver(old) ? Limit.NONE : old;
              int refusals = before.refusals + 1;
              boolean refusesAll = before.refusesAll || !message;
              int messageBytesMax =
                  refusesAll || !forSize || refusals >= MESSAGES_MAX
                      ? 0
                      : Math.min(before.messageBytesMax, bytes - 1);
              return new Limit(messageBytesMax, refusesAll, refusals, untilMillis);
            });
    log.warn(
        "a connector's topic refused a record topic={} bytes={} effect=\"{}\"",
        topic,
        bytes,
        now.refusesAll
            ? "its locations are removed"
            : "messages above " + now.messageBytesMax + " bytes are announced");
  }

  /** The largest message to send to the topic, in bytes as {@link DeliverySize} counts them. */
  public int messageBytesMax(String topic) {
    Limit limit = limitOf(topic);
    return limit == null ? Integer.MAX_VALUE : limit.messageBytesMax;
  }

  /** Whether the topic refuses even announcements. */
  public boolean takesNothing(String topic) {
    Limit limit = limitOf(topic);
    return limit != null && limit.refusesAll;
  }

  private @Nullable Limit limitOf(String topic) {
    if (limits.isEmpty()) {
      return null;
    }
    Limit limit = limits.get(topic);
    return limit == null || isOver(limit) ? null : limit;
  }

  private boolean isOver(Limit limit) {
    return clock.millis() > limit.untilMillis;
  }

  private record Limit(int messageBytesMax, boolean refusesAll, int refusals, long untilMillis) {
    static final Limit NONE = new Limit(Integer.MAX_VALUE, false, 0, 0);
  }
}
