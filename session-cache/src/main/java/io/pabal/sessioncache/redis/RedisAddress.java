// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisURI;
import io.pabal.schemas.address.HostAndPort;
import io.pabal.schemas.address.ServerUri;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The address of Redis. With TLS, the scheme begins with {@code rediss}. Passwords are
 * percent-encoded. The text of an address never contains a password.
 *
 * <ul>
 *   <li>One server: {@code redis://[[user:]password@]host[:port][/database]}
 *   <li>A primary with replicas behind Sentinel: {@code
 *       redis-sentinel://[[user:]password@]host[:port],host[:port].../database#name}. User and
 *       password are those of the Redis servers; the sentinels' own ones are {@code
 *       ?sentinelUser=...&sentinelPassword=...}
 *   <li>A Redis Cluster, by some of its servers: {@code
 *       redis-cluster://[[user:]password@]host[:port],host[:port]...}
 * </ul>
 *
 * <p>{@code ?caFile=...} names a file of certificates (PEM) that sign those of the servers; without
 * it, they are signed by the authorities that the JVM trusts.
 */
public final class RedisAddress {

  /** What an address leads to. */
  public enum Kind {
    /** One server. */
    SERVER,
    /** Sentinels, which know the server that is the primary. */
    SENTINELS,
    /** Servers of a cluster, which know all others. */
    CLUSTER
  }

  private record Scheme(Kind kind, String ofServers, int port) {}

  private static final int SENTINEL_PORT = 26_379;
  private static final Map<String, Scheme> SCHEMES =
      Map.of(
          "redis", new Scheme(Kind.SERVER, "redis", RedisURI.DEFAULT_REDIS_PORT),
          "rediss", new Scheme(Kind.SERVER, "rediss", RedisURI.DEFAULT_REDIS_PORT),
          "redis-sentinel", new Scheme(Kind.SENTINELS, "redis", SENTINEL_PORT),
          "rediss-sentinel", new Scheme(Kind.SENTINELS, "rediss", SENTINEL_PORT),
          "redis-cluster", new Scheme(Kind.CLUSTER, "redis", RedisURI.DEFAULT_REDIS_PORT),
          "rediss-cluster", new Scheme(Kind.CLUSTER, "rediss", RedisURI.DEFAULT_REDIS_PORT));

  private static final Pattern PATH = Pattern.compile("(/\\d{0,5})?");
  private static final Pattern PATH_OF_CLUSTER = Pattern.compile("/?0?");
  private static final String SENTINEL_USER = "sentinelUser=";
  private static final String SENTINEL_PASSWORD = "sentinelPassword=";
  private static final String CA_FILE = "caFile=";
  private static final List<String> OWN_PARAMETERS =
      List.of(SENTINEL_USER, SENTINEL_PASSWORD, CA_FILE);

  private final URI uri;
  private final Kind kind;
  private final String masked;
  private final List<HostAndPort> servers;
  private final List<RedisURI> redisUris;
  private final @Nullable String primaryName;

  private RedisAddress(
      URI uri, Scheme scheme, List<ServerUri> parts, @Nullable String primaryName) {
    this.uri = uri;
    this.kind = scheme.kind();
    this.primaryName = primaryName;
    this.servers = parts.stream().map(each -> each.server(scheme.port())).toList();
    this.redisUris =
        kind == Kind.SENTINELS
            ? List.of(sentinelUri(parts.getFirst(), servers, primaryName))
            : parts.stream().map(each -> redisUri(each, each.server(scheme.port()))).toList();
    this.masked = masked(uri, parts);
  }

  /**
   * Reads the text of a URI. Addresses of IPv6 are in brackets.
   *
   * @throws IllegalArgumentException with the fault, for instance "no host"; the message never
   *     contains the text
   */
  public static RedisAddress parse(String text) {
    try {
      return of(new URI(encodedBrackets(text)));
    } catch (URISyntaxException _) {
      // Names the fault, without the text.
      var _ = ServerUri.parse(text);
      throw new IllegalArgumentException("no host");
    }
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException with the fault, for instance "no host"; the message never
   *     contains the URI
   */
  public static RedisAddress of(URI uri) {
    if (uri.getScheme() == null || uri.getRawAuthority() == null) {
      throw new IllegalArgumentException("no host");
    }
    Scheme scheme = SCHEMES.get(uri.getScheme().toLowerCase(Locale.ROOT));
    if (scheme == null) {
      throw new IllegalArgumentException("another scheme");
    }
    String primaryName = primaryName(uri, scheme);
    List<ServerUri> parts =
        scheme.kind() == Kind.SERVER ? List.of(ServerUri.of(uri)) : parts(uri, scheme);
    String path = parts.getFirst().path();
    if (scheme.kind() == Kind.CLUSTER && !PATH_OF_CLUSTER.matcher(path).matches()) {
      throw new IllegalArgumentException("a database, of which a Redis Cluster has only number 0");
    }
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException("a path that is no number of a database");
    }
    return new RedisAddress(uri, scheme, parts, primaryName);
  }

  /** What the address leads to. */
  public Kind kind() {
    return kind;
  }

  /** The URI, with its scheme in lower case and no bracket that {@link URI} does not take. */
  public URI uri() {
    String fragment = uri.getRawFragment();
    return URI.create(
        uri.getScheme().toLowerCase(Locale.ROOT)
            + ":"
            + uri.getRawSchemeSpecificPart()
            + (fragment == null ? "" : "#" + fragment));
  }

  /** The URI for people, without user information and query. */
  public String masked() {
    return masked;
  }

  /** Hosts and ports; an IPv6 address is in brackets. */
  @Override
  public String toString() {
    String all = servers.stream().map(HostAndPort::toString).collect(Collectors.joining(","));
    return primaryName == null ? all : all + "#" + primaryName;
  }

  /** The file of certificates that sign those of the servers; null: those that the JVM trusts. */
  @Nullable Path caFile() {
    String file = parameter(uri.getRawQuery(), CA_FILE);
    return file.isEmpty() ? null : Path.of(file);
  }

  /** The number of the database. */
  int database() {
    return redisUris.getFirst().getDatabase();
  }

  /** The URIs for Lettuce, several of a cluster; the caller may modify them. */
  List<RedisURI> toRedisUris(Duration timeout) {
    return redisUris.stream().map(each -> withTimeout(each, timeout)).toList();
  }

  private static RedisURI withTimeout(RedisURI source, Duration timeout) {
    RedisURI own = RedisURI.builder(source).build();
    own.setTimeout(timeout);
    own.setSentinelMasterId(source.getSentinelMasterId());
    source.getSentinels().forEach(each -> own.getSentinels().add(withTimeout(each, timeout)));
    return own;
  }

  /** One URI for each server of the list; the others' parts are the same. */
  private static List<ServerUri> parts(URI uri, Scheme scheme) {
    String authority = decodedBrackets(uri.getRawAuthority());
    int at = authority.lastIndexOf('@');
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    List<ServerUri> parts = new ArrayList<>();
    for (String server : authority.substring(at + 1).split(",", -1)) {
      parts.add(
          ServerUri.parse(
              scheme.ofServers() + "://" + authority.substring(0, at + 1) + server + path + query));
    }
    return parts;
  }

  private static @Nullable String primaryName(URI uri, Scheme scheme) {
    String name = uri.getFragment();
    if (scheme.kind() != Kind.SENTINELS) {
      if (name != null) {
        throw new IllegalArgumentException(
            "a # or @ behind the host, percent-encode / ? # @ of a password");
      }
      return null;
    }
    if (name == null || name.isBlank() || name.contains("@")) {
      throw new IllegalArgumentException("no #NAME of the primary that the sentinels watch");
    }
    return name;
  }

  private static RedisURI sentinelUri(
      ServerUri parts, List<HostAndPort> sentinels, @Nullable String primaryName) {
    RedisURI redisUri = redisUri(parts, sentinels.getFirst());
    String user = parameter(parts.query(), SENTINEL_USER);
    String password = parameter(parts.query(), SENTINEL_PASSWORD);
    for (HostAndPort each : sentinels) {
      RedisURI sentinel = RedisURI.create("host", each.port());
      sentinel.setHost(each.host());
      sentinel.setSsl(redisUri.isSsl());
      sentinel.setVerifyPeer(redisUri.getVerifyMode());
      if (!password.isEmpty()) {
        authenticate(sentinel, user, password);
      }
      redisUri.getSentinels().add(sentinel);
    }
    redisUri.setSentinelMasterId(primaryName);
    return redisUri;
  }

  private static String parameter(@Nullable String query, String name) {
    return parameters(query)
        .filter(each -> each.startsWith(name))
        .map(each -> ServerUri.decoded(each.substring(name.length())))
        .findFirst()
        .orElse("");
  }

  private static Stream<String> parameters(@Nullable String query) {
    return query == null ? Stream.of() : Stream.of(query.split("&", -1));
  }

  /** Lettuce parses no URI whose host has an underscore, so host and user are set afterwards. */
  private static RedisURI redisUri(ServerUri parts, HostAndPort server) {
    String query =
        parameters(parts.query())
            .filter(each -> OWN_PARAMETERS.stream().noneMatch(each::startsWith))
            .collect(Collectors.joining("&"));
    RedisURI redisUri;
    try {
      redisUri =
          RedisURI.create(
              parts.scheme() + "://host" + parts.path() + (query.isEmpty() ? "" : "?" + query));
    } catch (RuntimeException _) {
      // The exception may quote the URI in its message, so it is not passed on as the cause.
      throw new IllegalArgumentException("a query that the client of Redis does not take");
    }
    redisUri.setHost(server.host());
    redisUri.setPort(server.port());
    String userInfo = parts.userInfo();
    if (userInfo != null) {
      int colon = userInfo.indexOf(':');
      String user = colon < 0 ? "" : ServerUri.decoded(userInfo.substring(0, colon));
      String password = ServerUri.decoded(userInfo.substring(colon + 1));
      if (!password.isEmpty()) {
        authenticate(redisUri, user, password);
      }
    }
    return redisUri;
  }

  private static void authenticate(RedisURI redisUri, String user, String password) {
    if (user.isEmpty()) {
      redisUri.setAuthentication(password.toCharArray());
    } else {
      redisUri.setAuthentication(user, password.toCharArray());
    }
  }

  private static String masked(URI uri, List<ServerUri> parts) {
    String others =
        parts.stream()
            .skip(1)
            .map(RedisAddress::server)
            .map(each -> "," + each)
            .collect(Collectors.joining());
    ServerUri first = parts.getFirst();
    return uri.getScheme().toLowerCase(Locale.ROOT)
        + "://"
        + (first.userInfo() == null ? "" : ServerUri.MASK + "@")
        + server(first)
        + others
        + first.path()
        + (first.query() == null ? "" : "?" + ServerUri.MASK)
        + (uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment());
  }

  /** As it was written. */
  private static String server(ServerUri parts) {
    String root = new ServerUri("redis", null, parts.host(), parts.port(), "", null).root();
    return root.substring("redis://".length());
  }

  /** {@link URI} takes brackets only around the host of a single server. */
  private static String encodedBrackets(String text) {
    int begin = text.indexOf("://");
    int end = begin < 0 ? -1 : endOfAuthority(text, begin + 3);
    if (end < 0 || text.substring(begin, end).indexOf(',') < 0) {
      return text;
    }
    return text.substring(0, begin)
        + text.substring(begin, end).replace("[", "%5B").replace("]", "%5D")
        + text.substring(end);
  }

  private static int endOfAuthority(String text, int begin) {
    for (int i = begin; i < text.length(); i++) {
      if ("/?#".indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return text.length();
  }

  private static String decodedBrackets(String authority) {
    int at = authority.lastIndexOf('@');
    return authority.substring(0, at + 1)
        + authority.substring(at + 1).replaceAll("%5[Bb]", "[").replaceAll("%5[Dd]", "]");
  }
}
