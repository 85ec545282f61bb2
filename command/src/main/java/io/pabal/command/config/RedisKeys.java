// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.schemas.address.ServerUri;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where Redis is, and how it is reached. User, password and the file of the certificate authority
 * may be given beside the URI, as they are: from a Secret of Kubernetes, they cannot be written
 * into a URI with percent-encoding.
 */
final class RedisKeys {

  static final Key<URI> URI_KEY =
      Key.required(
          "redis.uri",
          AddressTypes.REDIS_URI,
          URI.create("redis://127.0.0.1:6379"),
          "Where sessions, cursors and timelines are kept: a server, redis-sentinel://HOST:PORT,HOST:PORT/0#NAME, or redis-cluster://HOST:PORT,HOST:PORT; rediss://, rediss-sentinel:// and rediss-cluster:// with TLS.");

  static final Key<String> USER =
      Key.optional(
          "redis.user",
          ValueType.text("\\S{1,1000}", "a name without spaces"),
          "pabal",
          "The user of Redis' access control list; needs redis.password. Not set: the default user.");

  static final Key<String> PASSWORD =
      Key.optional(
          "redis.password",
          new ValueType<>(
              "a password, not percent-encoded", RedisKeys::password, _ -> ServerUri.MASK, true),
          "secret",
          "The password, when it is not in redis.uri.");

  static final Key<Path> CA_FILE =
      Key.optional(
          "redis.caFile",
          ValueType.PATH,
          Path.of("/etc/pabal/redis-ca.crt"),
          "A file of certificates (PEM) that sign Redis' certificate, with rediss://. Not set: those that the JVM trusts.");

  static final List<Key<?>> ALL = List.of(URI_KEY, USER, PASSWORD, CA_FILE);

  private static final String CA_PARAMETER = "caFile=";

  private RedisKeys() {}

  /** The URI with user, password and the file of certificates in it. */
  static URI uri(Settings settings) {
    return complete(settings.get(URI_KEY), settings);
  }

  /** The same for a URI from elsewhere. A URI with user information of its own keeps that. */
  static URI complete(URI uri, Settings settings) {
    String authority = uri.getRawAuthority();
    Optional<String> password = settings.find(PASSWORD);
    if (password.isPresent() && authority.indexOf('@') < 0) {
      String user = settings.find(USER).map(RedisKeys::encoded).orElse("");
      authority = user + ":" + encoded(password.get()) + "@" + authority;
    }
    String query = uri.getRawQuery();
    Optional<Path> caFile = settings.find(CA_FILE);
    if (caFile.isPresent() && isTls(uri) && (query == null || !query.contains(CA_PARAMETER))) {
      query = (query == null ? "" : query + "&") + CA_PARAMETER + encoded(caFile.get().toString());
    }
    return URI.create(
        uri.getScheme()
            + "://"
            + authority
            + (uri.getRawPath() == null ? "" : uri.getRawPath())
            + (query == null ? "" : "?" + query)
            + (uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment()));
  }

  /** Refuses a user or password in two places, and a file of certificates that is of no use. */
  static void check(Settings settings, Problems problems) {
    URI uri = settings.get(URI_KEY);
    Optional<String> password = settings.find(PASSWORD);
    if (password.isPresent() && uri.getRawAuthority().indexOf('@') >= 0) {
      problems.add(
          PASSWORD,
          settings.place(PASSWORD),
          ServerUri.MASK,
          "none, since redis.uri has user information");
    }
    if (settings.find(USER).isPresent() && password.isEmpty()) {
      problems.add(
          PASSWORD,
          settings.place(USER),
          "not set",
          PASSWORD.type().expected() + ", since redis.user is set");
    }
    Optional<Path> caFile = settings.find(CA_FILE);
    if (caFile.isPresent() && !isTls(uri)) {
      problems.add(
          URI_KEY,
          settings.place(URI_KEY),
          uri.getScheme() + "://",
          "rediss, rediss-sentinel or rediss-cluster, since redis.caFile is set");
    } else if (caFile.isPresent() && !Files.isReadable(caFile.get())) {
      problems.add(
          CA_FILE,
          settings.place(CA_FILE),
          CA_FILE.type().printer().apply(caFile.get()),
          "a file that can be read");
    }
  }

  private static boolean isTls(URI uri) {
    return uri.getScheme().startsWith("rediss");
  }

  private static String password(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty");
    }
    return text;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
