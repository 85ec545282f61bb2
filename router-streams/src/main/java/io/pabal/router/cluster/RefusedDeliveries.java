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
 * What connectors' topics have refused, for {@value #MINUTES} minutes: a topic's limit may be lower
 * than what is known of it, an interceptor or a proxy may have one that nothing tells of. Safe for
 * use by many threads.
 *
 * <p>Each refusal leaves less that is sent to the topic, so a record costs few attempts: first
 * nothing as large, after {@value #MESSAGES_MAX} refusals or one that was not for the size no
 * message at all (they are announced), and when an announcement is refused nothing.
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
   * A topic refused a record.
   *
   * @param bytes the record's size, as {@link DeliverySize} counts it
   * @param message whether it was a message, and not something small about one
   * @param forSize whether it was refused for its size
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
              boolean nothing = before.nothing || !message;
              int messageBytesMax =
                  nothing || !forSize || refusals >= MESSAGES_MAX
                      ? 0
                      : Math.min(before.messageBytesMax, bytes - 1);
              return new Limit(messageBytesMax, nothing, refusals, untilMillis);
            });
    log.warn(
        "a connector's topic refused a record topic={} bytes={} effect=\"{}\"",
        topic,
        bytes,
        now.nothing
            ? "its locations are removed"
            : "messages above " + now.messageBytesMax + " bytes are announced");
  }

  /** Bytes of a message that the topic may take. */
  public int messageBytesMax(String topic) {
    Limit limit = limitOf(topic);
    return limit == null ? Integer.MAX_VALUE : limit.messageBytesMax;
  }

  /** Whether the topic takes not even what is small. */
  public boolean takesNothing(String topic) {
    Limit limit = limitOf(topic);
    return limit != null && limit.nothing;
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

  private record Limit(int messageBytesMax, boolean nothing, int refusals, long untilMillis) {
    static final Limit NONE = new Limit(Integer.MAX_VALUE, false, 0, 0);
  }
}
