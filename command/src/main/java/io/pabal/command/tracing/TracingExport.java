// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.pabal.connector.ConnectorConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sends the spans of one connector to a collector, from a thread of its own. At most {@value
 * #QUEUE_SPANS_MAX} spans wait to be sent. Further spans are dropped, for example while the
 * collector is unreachable. The connector never waits for the collector; only {@link #close}
 * blocks.
 */
public final class TracingExport implements AutoCloseable {

  /** Spans that may wait to be sent. */
  static final int QUEUE_SPANS_MAX = 8_192;

  private static final Duration SEND_INTERVAL = Duration.ofSeconds(1);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);

  /** At the end the waiting spans are sent, but an unreachable collector must not delay the end. */
  private static final long CLOSE_SECONDS_MAX = 5;

  private final TracingConfig config;
  private final OpenTelemetrySdk sdk;

  private TracingExport(TracingConfig config, OpenTelemetrySdk sdk) {
    this.config = config;
    this.sdk = sdk;
  }

  /** Starts sending. A collector that is not reachable (yet) is no error, but is logged. */
  public static TracingExport start(TracingConfig config, String connectorId) {
    bridgeLog();
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(config.endpoint().toString())
            .setTimeout(SEND_TIMEOUT)
            .build();
    var processor =
        BatchSpanProcessor.builder(exporter)
            .setMaxQueueSize(QUEUE_SPANS_MAX)
            .setScheduleDelay(SEND_INTERVAL)
            .setExporterTimeout(SEND_TIMEOUT)
            .build();
    // The connector decides which messages are traced.
    var provider =
        SdkTracerProvider.builder()
            .setSampler(Sampler.alwaysOn())
            .setResource(resource(connectorId))
            .addSpanProcessor(processor)
            .build();
    return new TracingExport(
        config, OpenTelemetrySdk.builder().setTracerProvider(provider).build());
  }

  /** The tracing configuration for the connector. */
  public ConnectorConfig.Tracing tracing() {
    return new ConnectorConfig.Tracing(sdk, config.sampleRatio(), config.messagesPerSecond());
  }

  /** Sends the waiting spans. Blocks for at most {@value #CLOSE_SECONDS_MAX} s. */
  @Override
  public void close() {
    sdk.getSdkTracerProvider().shutdown().join(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static Resource resource(String connectorId) {
    return Resource.getDefault()
        .merge(
            Resource.create(
                Attributes.of(
                    AttributeKey.stringKey("service.name"),
                    "pabal-connector",
                    AttributeKey.stringKey("service.instance.id"),
                    connectorId)));
  }

  /** The SDK logs through java.util.logging, which would otherwise bypass Pabal's log. */
  private static synchronized void bridgeLog() {
    if (!SLF4JBridgeHandler.isInstalled()) {
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
    }
  }
}
