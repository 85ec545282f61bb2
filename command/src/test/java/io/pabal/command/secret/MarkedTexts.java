// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import java.util.List;
import java.util.stream.Stream;

/** What an operator may write for the URI of a server, with {@link #MARKER} for the password. */
final class MarkedTexts {

  /** Nobody may ever read this. */
  static final String MARKER = "hunter2Marker";

  /** Of the URI {@code redis://user:password@host:port}, each with the password somewhere. */
  private static final List<String> FORMS =
      List.of(
          "redis://user:M@host:6379",
          "redis://:M@my_host:6379",
          "redis://M@host",
          "redis://M:M@[::1]:6379",
          "redis://user:M%@host:6379",
          "redis://user:%zzM@host:6379",
          "redis://user:M @host:6379",
          "redis://user: M@host:6379",
          "redis://user:M\n@host:6379",
          "redis://user:\tM@host",
          " redis://user:M@host:6379",
          "redis://user:M@M@host:6379",
          "redis://user:M/x@host:6379",
          "redis://user:1/M@host:6379",
          "redis://user:1?M@host:6379",
          "redis://user:1#M@host:6379",
          "redis://user:M",
          "redis://user:M@",
          "redis://user:M@:6379",
          "redis://user:M@ho st",
          "redis://user:M@host:99999",
          "redis://user:M@host:0",
          "redis://user:M@host:",
          "redis://user:M@host:port",
          "redis://user:M@host/db",
          "redis://user:M@host?password=M",
          "redis://user:M@[::1",
          "redis://us[er:M@host",
          "redis://us\\er:M@host",
          "redis:/user:M@host:6379",
          "redis//user:M@host:6379",
          "user:M@host:6379",
          "host:9092,user:M@other:9092");

  private static final List<String> SCHEMES =
      List.of("redis", "rediss", "redis-sentinel", "http", "https", "mqtt", "kafka", "SASL_SSL");

  private MarkedTexts() {}

  /** Every form with every scheme. */
  static List<String> all() {
    return SCHEMES.stream().flatMap(MarkedTexts::of).distinct().toList();
  }

  /** Every form with one scheme. */
  static Stream<String> of(String scheme) {
    return FORMS.stream()
        .map(form -> form.replaceFirst("^( ?)redis", "$1" + scheme).replace("M", MARKER));
  }
}
