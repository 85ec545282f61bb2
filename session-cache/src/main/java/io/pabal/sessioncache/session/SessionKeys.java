// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import io.pabal.sessioncache.redis.HashTags;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * The names of the sessions' keys in Redis. A session lives in one of {@value #BUCKETS} buckets,
 * which its client identifier decides, for life. All keys of a bucket have the same hash tag, so
 * one primary of a Redis Cluster holds them.
 */
public final class SessionKeys {

  /** The number of buckets. */
  public static final int BUCKETS = 1_024;

  /** The text that ends the hash tag and begins the client identifier in a session's key. */
  private static final String SESSION = "}:s:";

  private static final int SLOTS_PER_BUCKET = HashTags.SLOTS / BUCKETS;

  private SessionKeys() {}

  /** The bucket of a session, 0-1023. */
  public static int bucket(String clientId) {
    byte[] bytes = clientId.getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(bytes)) % BUCKETS;
  }

  /** Hash: one session. */
  public static String session(String clientId) {
    return session(bucket(clientId), clientId);
  }

  /** String: Redis's clock when the present data of a bucket began. */
  public static String generation(int bucket) {
    return "pabal:{" + tag(bucket) + "}:g";
  }

  /** The keys of the session's scripts: the session and the generation of its bucket. */
  static String[] of(String clientId) {
    int bucket = bucket(clientId);
    return new String[] {session(bucket, clientId), generation(bucket)};
  }

  /** The keys of a probe: a session that no client has, and a key in a generation's place. */
  static String[] ofProbe(String tag) {
    return new String[] {"pabal:{" + tag + SESSION, "pabal:{" + tag + "}:probe"};
  }

  /** The pattern of Redis that matches the sessions whose client identifiers match a pattern. */
  static String pattern(String clientIdPattern) {
    return "pabal:{*" + SESSION + clientIdPattern;
  }

  /** The client identifier in a session's key. */
  static String clientId(String key) {
    return key.substring(key.indexOf(SESSION) + SESSION.length());
  }

  /** Hash: one session of this bucket. */
  static String session(int bucket, String clientId) {
    return "pabal:{" + tag(bucket) + SESSION + clientId;
  }

  private static String tag(int bucket) {
    return HashTags.ofSlot(SLOTS_PER_BUCKET * bucket + SLOTS_PER_BUCKET / 2);
  }
}
