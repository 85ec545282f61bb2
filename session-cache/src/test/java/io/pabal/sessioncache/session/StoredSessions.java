// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/** Looks at sessions behind the module's back, and makes them expire. */
public final class StoredSessions implements AutoCloseable {

  private static final String SUBSCRIPTION_PREFIX = "s:";

  private final RedisClient client;
  private final RedisCommands<String, String> commands;

  /** Connects. Blocks. */
  public StoredSessions(URI redisUri) {
    client = RedisClient.create(redisUri.toString());
    commands = client.connect().sync();
  }

  /** The subscriptions of a session by address; none when there is no session. */
  public Map<String, StoredSubscription> subscriptions(String clientId) {
    Map<String, StoredSubscription> found = new TreeMap<>();
    commands
        .hgetall(key(clientId))
        .forEach(
            (field, value) -> {
              if (field.startsWith(SUBSCRIPTION_PREFIX)) {
                String address = field.substring(SUBSCRIPTION_PREFIX.length());
                found.put(address, StoredSubscription.parse(address, value));
              }
            });
    return found;
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
    return "pabal:session:{" + clientId + "}";
  }
}
