// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/** Looks at sessions behind the module's back, and makes them expire. */
public final class StoredSessions implements AutoCloseable {

  private static final String FEED_FIELD = "f:";

  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final RedisCommands<String, byte[]> values;

  /** Connects. Blocks. */
  public StoredSessions(URI redisUri) {
    client = RedisClient.create(redisUri.toString());
    commands = client.connect().sync();
    values = client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)).sync();
  }

  /** The feeds of a session by name; none when there is no session. */
  public Map<String, StoredFeed> feeds(String clientId) {
    Map<String, StoredFeed> found = new TreeMap<>();
    commands
        .hgetall(key(clientId))
        .forEach(
            (field, value) -> {
              if (field.startsWith(FEED_FIELD)) {
                String name = field.substring(FEED_FIELD.length());
                found.put(name, StoredFeed.parse(name, value));
              }
            });
    return found;
  }

  /** Whether it is stored that a message was acknowledged ahead of an earlier one. */
  public boolean isAcknowledgedAhead(String clientId, String feed, long offset) {
    byte[] inFlight = values.hget(key(clientId), "inflight");
    return inFlight != null
        && InFlightFormat.decode(inFlight).stream()
            .anyMatch(
                each -> each.acknowledged() && each.feed().equals(feed) && each.offset() == offset);
  }

  /** Whether a connector holds the session, or held it when it crashed. */
  public boolean isOwned(String clientId) {
    String owner = commands.hget(key(clientId), "owner");
    return owner != null && !owner.isEmpty();
  }

  /** The session's time is over. */
  public void expire(String clientId) {
    commands.del(key(clientId));
  }

  /** Empties the database. */
  public void clear() {
    commands.flushdb();
  }

  @Override
  public void close() {
    client.shutdown();
  }

  private static String key(String clientId) {
    return SessionKeys.session(clientId);
  }
}
