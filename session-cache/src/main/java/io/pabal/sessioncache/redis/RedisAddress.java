// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisURI;
import io.pabal.schemas.address.HostAndPort;
import io.pabal.schemas.address.ServerUri;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Redis server, read from {@code
 * redis://[[user:]password@]host[:port][/database]}, or {@code rediss://} for TLS. Its text is host
 * and port, and never contains the password.
 */
public final class RedisAddress {

  private static final Set<String> SCHEMES = Set.of("redis", "rediss");
  private static final Pattern PATH = Pattern.compile("(/\\d{0,5})?");

  private final HostAndPort server;
  private final RedisURI redisUri;

  private RedisAddress(HostAndPort server, RedisURI redisUri) {
    this.server = server;
    this.redisUri = redisUri;
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException with the fault, for instance "no host"; the message never
   *     contains the URI
   */
  public static RedisAddress of(URI uri) {
    ServerUri parts = ServerUri.of(uri);
    if (!SCHEMES.contains(parts.scheme())) {
      throw new IllegalArgumentException("another scheme");
    }
    if (!PATH.matcher(parts.path()).matches()) {
      throw new IllegalArgumentException("a path that is no number of a database");
    }
    HostAndPort server = parts.server(RedisURI.DEFAULT_REDIS_PORT);
    return new RedisAddress(server, redisUri(parts, server));
  }

  /** Host and port; an IPv6 address is in brackets. */
  @Override
  public String toString() {
    return server.toString();
  }

  /** The URI for Lettuce; the caller may modify it. */
  RedisURI toRedisUri(Duration timeout) {
    RedisURI own = RedisURI.builder(redisUri).build();
    own.setTimeout(timeout);
    return own;
  }

  /** Lettuce parses no URI whose host has an underscore, so host and user are set afterwards. */
  private static RedisURI redisUri(ServerUri parts, HostAndPort server) {
    String query = parts.query() == null ? "" : "?" + parts.query();
    RedisURI redisUri;
    try {
      redisUri = RedisURI.create(parts.scheme() + "://host" + parts.path() + query);
    } catch (RuntimeException _) {
      // The exception may quote the URI in its message, so it is not passed on as the cause.
      throw new IllegalArgumentException("a query that the client of Redis does not take");
    }
    redisUri.setHost(server.host());
    redisUri.setPort(server.port());
    authenticate(redisUri, parts.userInfo());
    return redisUri;
  }

  private static void authenticate(RedisURI redisUri, @Nullable String userInfo) {
    if (userInfo == null) {
      return;
    }
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? "" : ServerUri.decoded(userInfo.substring(0, colon));
    String password = ServerUri.decoded(userInfo.substring(colon + 1));
    if (password.isEmpty()) {
      return;
    }
    if (user.isEmpty()) {
      redisUri.setAuthentication(password.toCharArray());
    } else {
      redisUri.setAuthentication(user, password.toCharArray());
    }
  }
}
