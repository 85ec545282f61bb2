// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.address;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * A host and a TCP port.
 *
 * <p>What the methods throw never has the text in it, since somebody may have put a password there.
 *
 * @param host a name, in which underscores are allowed, or an address; an address of IPv6 has no
 *     brackets
 * @param port 1-65535
 */
public record HostAndPort(String host, int port) {

  /** The greatest port of TCP. */
  public static final int PORT_MAX = 65_535;

  private static final int HOST_CHARS_MAX = 253;
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\\w.-]+)?");
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");

  /**
   * Reads {@code HOST:PORT}; an address of IPv6 is in brackets.
   *
   * @throws IllegalArgumentException with what is wrong, as in "no port"
   */
  public static HostAndPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || colon < text.lastIndexOf(']')) {
      throw new IllegalArgumentException("no port");
    }
    String host = text.substring(0, colon);
    if (host.indexOf(':') >= 0 && !host.startsWith("[")) {
      throw new IllegalArgumentException("an address of IPv6 without brackets, or several ports");
    }
    return new HostAndPort(parseHost(host), parsePort(text.substring(colon + 1)));
  }

  /**
   * Reads a name or an address, which may be in brackets when it is one of IPv6.
   *
   * @return the host without brackets
   * @throws IllegalArgumentException with what is wrong
   */
  public static String parseHost(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("no host");
    }
    boolean inBrackets = text.length() > 2 && text.startsWith("[") && text.endsWith("]");
    String host = inBrackets ? text.substring(1, text.length() - 1) : text;
    boolean allowed =
        IPV6.matcher(host).matches() ? isIpv6(host) : !inBrackets && NAME.matcher(host).matches();
    if (!allowed || host.length() > HOST_CHARS_MAX) {
      throw new IllegalArgumentException("a host that is neither a name nor an address");
    }
    return host;
  }

  /**
   * Reads a port.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public static int parsePort(String text) {
    int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException("a port that is not 1-" + PORT_MAX);
    }
    return port;
  }

  /** {@code host:port} for people, with an address of IPv6 in brackets. */
  public static String text(String host, int port) {
    return bracketed(host) + ":" + port;
  }

  /** The host as it stands in a URI: an address of IPv6 is in brackets. */
  static String bracketed(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** {@code host:port}, with an address of IPv6 in brackets. */
  @Override
  public String toString() {
    return text(host, port);
  }

  private static boolean isIpv6(String host) {
    int zone = host.indexOf('%');
    try {
      var _ = InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
