// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tracing;

import io.pabal.schemas.address.ServerUri;
import java.net.URI;

/**
 * Which messages are traced, and where their spans go.
 *
 * @param endpoint the URL of the collector, which takes OTLP over HTTP, with the whole path: {@code
 *     http://127.0.0.1:4318/v1/traces}
 * @param sampleRatio the share of messages that start a trace although their publishers gave no
 *     context, 0 to 1
 * @param messagesPerSecond the maximum number of traced messages per second, 1-10,000. Incoming and
 *     outgoing messages each have this limit.
 */
public record TracingConfig(URI endpoint, double sampleRatio, int messagesPerSecond) {

  /** Where a collector on this machine listens. */
  public static final URI ENDPOINT_DEFAULT = URI.create("http://127.0.0.1:4318/v1/traces");

  /** One of a thousand messages. */
  public static final double SAMPLE_RATIO_DEFAULT = 0.001;

  /** A rate that is low for every collector. */
  public static final int MESSAGES_PER_SECOND_DEFAULT = 100;

  /** Without the secrets that the URI may contain. */
  @Override
  public String toString() {
    return "TracingConfig[endpoint=%s, sampleRatio=%s, messagesPerSecond=%d]"
        .formatted(ServerUri.of(endpoint).masked(), sampleRatio, messagesPerSecond);
  }
}
