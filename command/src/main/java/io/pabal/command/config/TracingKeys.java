// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.AddressTypes;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.command.tracing.TracingConfig;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The keys of tracing: which messages are traced, and where their spans are sent. */
public final class TracingKeys {

  static final Key<Boolean> ENABLED =
      Key.of(
          "tracing.enabled",
          ValueType.BOOLEAN,
          false,
          "Whether some messages are traced with OpenTelemetry; the other keys of tracing count only then.");

  static final Key<URI> ENDPOINT =
      Key.of(
          "tracing.endpoint",
          AddressTypes.HTTP_URI_WITHOUT_PASSWORD,
          TracingConfig.ENDPOINT_DEFAULT,
          "Where spans are sent, by OTLP over HTTP; the whole path, and no password.");

  static final Key<Double> SAMPLE_RATIO =
      Key.of(
          "tracing.sampleRatio",
          ValueType.RATIO,
          TracingConfig.SAMPLE_RATIO_DEFAULT,
          "The share of messages that start a trace although their publishers gave no traceparent.");

  static final Key<Integer> MESSAGES_PER_SECOND =
      Key.of(
          "tracing.messagesPerSecond",
          ValueType.integer(1, 10_000),
          TracingConfig.MESSAGES_PER_SECOND_DEFAULT,
          "Messages that are traced a second at most, whatever publishers ask for, on the way in and as many on the way out.");

  static final List<Key<?>> ALL = List.of(ENABLED, ENDPOINT, SAMPLE_RATIO, MESSAGES_PER_SECOND);

  private TracingKeys() {}

  /** The tracing configuration of a connector; empty when tracing is off. */
  public static Optional<TracingConfig> tracing(Settings settings) {
    return settings.get(ENABLED)
        ? Optional.of(
            new TracingConfig(
                settings.get(ENDPOINT),
                settings.get(SAMPLE_RATIO),
                settings.get(MESSAGES_PER_SECOND)))
        : Optional.empty();
  }
}
