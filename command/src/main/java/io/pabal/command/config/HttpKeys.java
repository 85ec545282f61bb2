// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.command.http.HttpConfig;
import java.util.List;

/** The keys of the HTTP endpoint for metrics and health. Each role has its own default port. */
public final class HttpKeys {

  static final Key<String> HOST =
      Key.of(
          "http.host",
          AddressTypes.HOST,
          "127.0.0.1",
          "The address of /metrics and /health. Nobody is asked for a password there.");

  private static final int CONNECTOR_PORT = 9_631;
  private static final int ROUTER_PORT = 9_632;
  private static final int TIMELINE_PORT = 9_633;

  static final Key<Integer> OF_CONNECTOR = port(CONNECTOR_PORT);
  static final Key<Integer> OF_ROUTER = port(ROUTER_PORT);
  static final Key<Integer> OF_TIMELINE = port(TIMELINE_PORT);

  private HttpKeys() {}

  /** The keys of a role whose port is {@code port}. */
  static List<Key<?>> with(Key<Integer> port) {
    return List.of(HOST, port);
  }

  /** A connector's endpoint. */
  public static HttpConfig connector(Settings settings) {
    return config(settings, OF_CONNECTOR);
  }

  /** A router's endpoint. */
  public static HttpConfig router(Settings settings) {
    return config(settings, OF_ROUTER);
  }

  /** A timeline writer's endpoint. */
  public static HttpConfig timeline(Settings settings) {
    return config(settings, OF_TIMELINE);
  }

  private static HttpConfig config(Settings settings, Key<Integer> port) {
    return new HttpConfig(settings.get(HOST), settings.get(port));
  }

  private static Key<Integer> port(int fallback) {
    return Key.of(
        "http.port",
        ValueType.integer(0, 65_535),
        fallback,
        "The TCP port of /metrics and /health; 0 for a free one.");
  }
}
