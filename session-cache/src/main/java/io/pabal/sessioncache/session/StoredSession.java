// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.sessioncache.redis.RedisLink;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One session as stored in Redis.
 *
 * @param clientId the MQTT client identifier
 * @param epoch the fencing epoch of its newest claim
 * @param owner the connector that holds its connection, or held it when the connector crashed; null
 *     when the session was released: its client is away
 * @param expirySeconds how long the session is kept after its connection has ended; {@link
 *     SessionStore#EXPIRY_NEVER} for ever
 * @param goesInSeconds the time until Redis deletes the session, without a further write; empty:
 *     never
 * @param feeds the subscriptions with their cursors, in the order of the feeds' names
 * @param inFlight the deliveries that the client may have received and has not acknowledged
 */
public record StoredSession(
    String clientId,
    long epoch,
    @Nullable Owner owner,
    long expirySeconds,
    OptionalLong goesInSeconds,
    List<StoredFeed> feeds,
    List<StoredDelivery> inFlight) {

  private static final String FEED_FIELD = "f:";

  /**
   * The session in the fields of a hash; empty when the hash is missing, or holds a claim whose
   * session never began.
   *
   * @param ttlSeconds the time to live that Redis returned; negative: none
   */
  static Optional<StoredSession> of(String clientId, Map<String, byte[]> fields, long ttlSeconds) {
    String epoch = text(fields, "epoch");
    String expiry = text(fields, "expiry");
    if (epoch.isEmpty() || expiry.isEmpty()) {
      return Optional.empty();
    }
    String owner = text(fields, "owner");
    return Optional.of(
        new StoredSession(
            clientId,
            Long.parseLong(epoch),
            owner.isEmpty() ? null : new Owner(owner, Long.parseLong(text(fields, "incarnation"))),
            Long.parseLong(expiry),
            ttlSeconds < 0 ? OptionalLong.empty() : OptionalLong.of(ttlSeconds),
            feeds(fields),
            InFlightFormat.decode(fields.getOrDefault("inflight", new byte[0]))));
  }

  /** The number of subscriptions in all feeds. */
  public int subscriptionCount() {
    return feeds.stream().mapToInt(feed -> feed.subscriptions().size()).sum();
  }

  private static List<StoredFeed> feeds(Map<String, byte[]> fields) {
    return fields.entrySet().stream()
        .filter(field -> field.getKey().startsWith(FEED_FIELD))
        .map(
            field ->
                StoredFeed.parse(
                    field.getKey().substring(FEED_FIELD.length()), text(fields, field.getKey())))
        .sorted(Comparator.comparing(StoredFeed::name))
        .toList();
  }

  private static String text(Map<String, byte[]> fields, String name) {
    byte[] value = fields.get(name);
    return value == null ? "" : RedisLink.text(value);
  }
}
