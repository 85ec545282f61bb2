// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.address;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a URI that names a server. {@link URI} itself does not find them when the host has
 * an underscore, as services of Compose and Kubernetes may.
 *
 * <p>A password is often written as it is, although {@code / ? # @ %} have to be percent-encoded in
 * a URI. Such a URI may be well-formed and mean something else, with a part of the password in its
 * port or its path. So it is refused, and nothing of it is printed.
 *
 * @param scheme in lower case
 * @param userInfo as it was written, percent-encoded; null: none
 * @param host without brackets
 * @param port {@link #NO_PORT}: none was written
 * @param path as it was written, percent-encoded; may be empty
 * @param query as it was written, percent-encoded; null: none
 */
public record ServerUri(
    String scheme,
    @Nullable String userInfo,
    String host,
    int port,
    String path,
    @Nullable String query) {

  /** The port of a URI without one. */
  public static final int NO_PORT = -1;

  /** What stands for a secret. */
  public static final String MASK = "***";

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException with what is wrong, as in "no host"; never has the text in it
   */
  public static ServerUri parse(String text) {
    try {
      return of(new URI(text));
    } catch (URISyntaxException e) {
      // The exception has the whole text in its message, so it is no cause.
      throw new IllegalArgumentException(
          e.getIndex() < 0 || e.getIndex() >= text.length() || !text.contains("://")
              ? "no host"
              : "a character in place %d that a URI cannot have there, percent-encode it"
                  .formatted(e.getIndex() + 1));
    }
  }

  /**
   * The parts of {@code uri}.
   *
   * @throws IllegalArgumentException with what is wrong, as in "no host"; never has the text in it
   */
  public static ServerUri of(URI uri) {
    String authority = uri.getRawAuthority();
    if (uri.getScheme() == null || authority == null) {
      throw new IllegalArgumentException("no host");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (uri.getRawFragment() != null || path.contains("@") || contains(uri.getRawQuery(), '@')) {
      throw new IllegalArgumentException(
          "a # or @ behind the host, percent-encode / ? # @ of a password");
    }
    int at = authority.lastIndexOf('@');
    String server = authority.substring(at + 1);
    int colon = server.lastIndexOf(':');
    boolean hasPort = colon > server.lastIndexOf(']');
    return new ServerUri(
        uri.getScheme().toLowerCase(Locale.ROOT),
        at < 0 ? null : authority.substring(0, at),
        HostAndPort.parseHost(hasPort ? server.substring(0, colon) : server),
        hasPort ? HostAndPort.parsePort(server.substring(colon + 1)) : NO_PORT,
        path,
        uri.getRawQuery());
  }

  /** The server, at {@code defaultPort} when none was written. */
  public HostAndPort server(int defaultPort) {
    return new HostAndPort(host, port == NO_PORT ? defaultPort : port);
  }

  /** For people: without user information and without what the query says. */
  public String masked() {
    return text(userInfo == null ? "" : MASK + "@", query == null ? "" : "?" + MASK);
  }

  /** The URI without user information, query and trailing slashes. */
  public String root() {
    return text("", "").replaceAll("/+$", "");
  }

  /** The same server by another name. */
  public ServerUri withHost(String other) {
    return new ServerUri(scheme, userInfo, other, port, path, query);
  }

  /** Without secrets, like {@link #masked}. */
  @Override
  public String toString() {
    return masked();
  }

  /** User information, or a part of it, without percent-encoding. */
  public static String decoded(String encoded) {
    return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private String text(String beforeHost, String end) {
    return scheme
        + "://"
        + beforeHost
        + HostAndPort.bracketed(host)
        + (port == NO_PORT ? "" : ":" + port)
        + path
        + end;
  }

  private static boolean contains(@Nullable String text, char c) {
    return text != null && text.indexOf(c) >= 0;
  }
}
