// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tracing;

import io.pabal.schemas.address.ServerUri;
import java.net.URI;

/**
 * Which messages are traced, and where their spans go.
 *
 * @param endpoint takes OTLP over HTTP, the whole path: {@code http://127.0.0.1:4318/v1/traces}
 * @param sampleRatio the share of messages that start a trace although their publishers gave no
 *     context, 0 to 1
 * @param messagesPerSecond how many messages are traced a second at most, on the way in and as many
 *     on the way out, 1-10,000
 */
public record TracingConfig(URI endpoint, double sampleRatio, int messagesPerSecond) {

  /** Where a collector on this machine listens. */
  public static final URI ENDPOINT_DEFAULT = URI.create("http://127.0.0.1:4318/v1/traces");

  /** One of a thousand. */
  public static final double SAMPLE_RATIO_DEFAULT = 0.001;

  /** What no collector minds. */
  public static final int MESSAGES_PER_SECOND_DEFAULT = 100;

  /** Without what the URI may have of secrets. */
  @Override
  public String toString() {
    return "TracingConfig[endpoint=%s, sampleRatio=%s, messagesPerSecond=%d]"
        .formatted(ServerUri.of(endpoint).masked(), sampleRatio, messagesPerSecond);
  }
}
