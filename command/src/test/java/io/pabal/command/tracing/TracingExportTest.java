// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.trace.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class TracingExportTest {

  private record Request(String path, String type, String body) {}

  @Test
  void shouldSendSpansToTheCollector() throws IOException {
    List<Request> requests = new CopyOnWriteArrayList<>();
    HttpServer collector = HttpServer.create(loopback(), 0);
    collector.createContext(
        "/",
        exchange -> {
          // One character for each byte.
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
          requests.add(
              new Request(
                  exchange.getRequestURI().getPath(),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  body));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try (var export =
        TracingExport.start(config(collector.getAddress().getPort(), "/otlp/v1/traces"), "c7")) {
      Span span = span(export);
      span.end();

      await().until(() -> !requests.isEmpty());
      Request request = requests.getFirst();
      assertThat(request.path()).isEqualTo("/otlp/v1/traces");
      assertThat(request.type()).isEqualTo("application/x-protobuf");
      byte[] traceId = HexFormat.of().parseHex(span.getSpanContext().getTraceId());
      assertThat(request.body())
          .contains(new String(traceId, StandardCharsets.ISO_8859_1))
          .contains("the span", "service.name", "pabal-connector", "service.instance.id", "c7");
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void shouldSendWhatIsLeftWhenItIsClosed() throws IOException {
    List<String> paths = new CopyOnWriteArrayList<>();
    HttpServer collector = HttpServer.create(loopback(), 0);
    collector.createContext(
        "/",
        exchange -> {
          paths.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    try {
      TracingExport export =
          TracingExport.start(config(collector.getAddress().getPort(), "/v1/traces"), "c7");
      span(export).end();
      export.close();

      assertThat(paths).containsExactly("/v1/traces");
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void shouldNotMindACollectorThatIsAway() throws IOException {
    int nobodysPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobodysPort = socket.getLocalPort();
    }
    try (var export = TracingExport.start(config(nobodysPort, "/v1/traces"), "c7")) {
      for (int i = 0; i < 2 * TracingExport.QUEUE_SPANS_MAX; i++) {
        span(export).end();
      }
    }
  }

  private static Span span(TracingExport export) {
    return export
        .tracing()
        .openTelemetry()
        .getTracer("test")
        .spanBuilder("the span")
        .setNoParent()
        .startSpan();
  }

  private static TracingConfig config(int port, String path) {
    return new TracingConfig(URI.create("http://127.0.0.1:" + port + path), 1, 100);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
