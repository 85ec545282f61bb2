// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import io.pabal.schemas.address.HostAndPort;
import io.pabal.schemas.address.ServerUri;
import io.pabal.sessioncache.redis.RedisAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where servers are. Each of these may be given with a password in it, by right or by mistake, so
 * none is shown when it is refused.
 */
public final class AddressTypes {

  /** Where Redis is. A password in it is not printed. */
  public static final ValueType<URI> REDIS_URI =
      new ValueType<>(
          "redis://HOST:PORT, redis-sentinel://HOST:PORT,HOST:PORT/0#NAME or redis-cluster://HOST:PORT,HOST:PORT; with TLS rediss",
          text -> RedisAddress.parse(text).uri(),
          uri -> RedisAddress.of(uri).masked(),
          true);

  /** Where a server of HTTP is. A password in it is not printed. */
  public static final ValueType<URI> HTTP_URI =
      new ValueType<>(
          "http://HOST:PORT/PATH or https://HOST:PORT/PATH",
          AddressTypes::http,
          AddressTypes::masked,
          true);

  /** The same where nobody would send a password. */
  public static final ValueType<URI> HTTP_URI_WITHOUT_PASSWORD =
      new ValueType<>(
          HTTP_URI.expected() + " without a password",
          text -> {
            URI uri = http(text);
            ServerUri parts = ServerUri.of(uri);
            if (parts.userInfo() != null) {
              throw new IllegalArgumentException("user information");
            }
            if (parts.host().indexOf('_') >= 0) {
              throw new IllegalArgumentException(
                  "a host with an underscore, which the exporter does not take");
            }
            return uri;
          },
          AddressTypes::masked,
          true);

  /** Some servers with commas between. */
  public static final ValueType<String> SERVERS =
      new ValueType<>(
          "HOST:PORT, several with commas",
          text -> list(text, ",", Integer.MAX_VALUE, HostAndPort::parse),
          Function.identity(),
          true);

  private static final int REFERENCES_MAX = 10;

  /** What a client may be told instead of this server (MQTT 5: 4.11). */
  public static final ValueType<String> SERVER_REFERENCES =
      new ValueType<>(
          "1-10 times HOST:PORT with spaces between",
          text -> list(text, " ", REFERENCES_MAX, AddressTypes::reference),
          Function.identity(),
          true);

  /** A host to bind to. */
  public static final ValueType<String> HOST =
      new ValueType<>(
          "a host name or an IP address", HostAndPort::parseHost, Function.identity(), true);

  private static final Set<String> HTTP_SCHEMES = Set.of("http", "https");

  private AddressTypes() {}

  private static URI http(String text) {
    ServerUri parts = ServerUri.parse(text);
    if (!HTTP_SCHEMES.contains(parts.scheme())) {
      throw new IllegalArgumentException("another scheme");
    }
    if (parts.scheme().equals("https") && parts.host().indexOf('_') >= 0) {
      throw new IllegalArgumentException(
          "a host with an underscore, which no certificate can be for");
    }
    return withScheme(URI.create(text), parts.scheme());
  }

  /** Schemes are compared without regard to case, and everybody behind this expects lower case. */
  private static URI withScheme(URI uri, String scheme) {
    return URI.create(scheme + ":" + uri.getRawSchemeSpecificPart());
  }

  private static String list(
      String text, String separator, int entriesMax, Function<String, HostAndPort> parser) {
    String[] entries = text.strip().split("\\s*" + separator + "\\s*", -1);
    if (entries.length > entriesMax) {
      throw new IllegalArgumentException("more than %d entries".formatted(entriesMax));
    }
    for (int i = 0; i < entries.length; i++) {
      try {
        var _ = parser.apply(entries[i]);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("entry %d: %s".formatted(i + 1, e.getMessage()), e);
      }
    }
    return Arrays.stream(entries).collect(Collectors.joining(separator));
  }

  private static HostAndPort reference(String text) {
    boolean hasPort = text.lastIndexOf(':') > text.lastIndexOf(']');
    return HostAndPort.parse(hasPort ? text : text + ":1");
  }

  private static String masked(URI uri) {
    return ServerUri.of(uri).masked();
  }
}
