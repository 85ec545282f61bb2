// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.pabal.telemetry.DelayHistogram;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Observed;
import io.pabal.telemetry.SampleFamily;
import io.pabal.telemetry.SampleFamily.Sample;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {

  private final Monitor monitor = new Monitor();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpEndpoint endpoint;

  @BeforeEach
  void open() throws InterruptedException {
    endpoint = HttpEndpoint.open(new HttpConfig("127.0.0.1", 0), monitor);
  }

  @AfterEach
  void close() {
    client.close();
    endpoint.close();
    monitor.close();
  }

  @Test
  void shouldServeBucketsAndSamplesOfParts() throws Exception {
    DelayHistogram delays = new DelayHistogram();
    delays.recordMillis(3);
    monitor.watch("c1", part(delays, 7));
    monitor.watch("c2", part(new DelayHistogram(), 8));

    HttpResponse<String> answer = send(request("/metrics").GET());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(answer.body().lines())
        .contains(
            "# TYPE pabal_test_seconds histogram",
            "pabal_test_seconds_bucket{part=\"c1\",le=\"0.002\"} 0",
            "pabal_test_seconds_bucket{part=\"c1\",le=\"0.004\"} 1",
            "pabal_test_seconds_bucket{part=\"c1\",le=\"+Inf\"} 1",
            "pabal_test_seconds_count{part=\"c1\"} 1",
            "pabal_test_seconds_sum{part=\"c1\"} 0.003",
            "pabal_test_seconds_count{part=\"c2\"} 0",
            "# TYPE pabal_test_lag gauge",
            "pabal_test_lag{part=\"c1\",partition=\"7\"} 7.0",
            "pabal_test_lag{part=\"c2\",partition=\"8\"} 8.0")
        .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"));
  }

  @Test
  void shouldNotBeReadyUntilEveryExpectedPartIsWatched() throws Exception {
    monitor.expect("router");

    HttpResponse<String> starting = send(request("/health/ready").GET());
    assertThat(starting.statusCode()).isEqualTo(503);
    assertThat(starting.body())
        .isEqualTo("{\"status\":\"not ready\",\"parts\":{\"router\":{\"status\":\"starting\"}}}\n");
    assertThat(send(request("/health/live").GET()).statusCode()).isEqualTo(200);

    monitor.watch("router", healthy(Check.of("routing", Weight.READY, true, "")));

    HttpResponse<String> ready = send(request("/health/ready").GET());
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).contains("\"routing\":{\"ok\":true,\"neededToBe\":\"ready\"}");
  }

  @Test
  void shouldTellWhatFailsByItsWeight() throws Exception {
    Check redis = Check.of("redis", Weight.INFORMATION, false, "Redis says \"no\".");
    monitor.watch("c1", healthy(redis));
    assertThat(send(request("/health/ready").GET()).statusCode()).isEqualTo(200);
    assertThat(send(request("/health/ready").GET()).body())
        .contains("\"detail\":\"Redis says \\\"no\\\".\"");

    monitor.watch("c1", healthy(redis, Check.of("kafka", Weight.READY, false, "silent")));
    assertThat(send(request("/health/ready").GET()).statusCode()).isEqualTo(503);
    assertThat(send(request("/health/live").GET()).statusCode()).isEqualTo(200);

    monitor.watch("c1", healthy(redis, Check.of("loops", Weight.LIVE, false, "stalled")));
    assertThat(send(request("/health/ready").GET()).statusCode()).isEqualTo(503);
    assertThat(send(request("/health/live").GET()).statusCode()).isEqualTo(503);
  }

  @Test
  void shouldAnswerAnythingElseWithProblemDetails() throws Exception {
    assertProblem(send(request("/metric").GET()), 404);
    assertProblem(send(request("/metrics").POST(BodyPublishers.noBody())), 405);
    assertThat(send(request("/metrics").DELETE()).headers().firstValue("allow"))
        .hasValue("GET, HEAD");
  }

  @Test
  void shouldAnswerHeadWithoutBody() throws Exception {
    HttpResponse<String> answer =
        send(request("/health/live").method("HEAD", BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void shouldAnswerOneRequestAndCloseTheConnection() throws Exception {
    String answers = raw("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));

    assertThat(answers.lines().filter(line -> line.startsWith("HTTP/1.1 ")))
        .containsExactly("HTTP/1.1 200 OK");
    assertThat(answers).contains("connection: close");
  }

  @Test
  void shouldRefuseGarbage() throws Exception {
    assertThat(raw("rubbish\r\n\r\n")).startsWith("HTTP/1.1 400 Bad Request");
  }

  @Test
  void shouldTakeNoBody() throws Exception {
    assertThat(raw("GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"))
        .startsWith("HTTP/1.1 400 Bad Request")
        .contains("application/problem+json");
  }

  /** What is answered until the server closes the connection. */
  private String raw(String requests) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort())) {
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldSayWhichPortIsTaken() {
    int port = endpoint.address().getPort();

    assertThatThrownBy(() -> HttpEndpoint.open(new HttpConfig("127.0.0.1", port), monitor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("http.port: " + port + " on 127.0.0.1 cannot be bound: ");
  }

  private static void assertProblem(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":" + status, "\"detail\":\"", "expected: ");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static Observed part(DelayHistogram delays, int partition) {
    return new Fake(new Health(List.of())) {
      @Override
      public void bindTo(MeterRegistry registry) {
        Meters meters = Meters.of(registry, partition == 7 ? "c1" : "c2");
        meters.delays("pabal.test.seconds", "", delays);
        meters.family(
            "pabal.test.lag",
            "",
            new SampleFamily(
                List.of("partition"),
                /* monotonic= */ false,
                () -> List.of(new Sample(List.of(Integer.toString(partition)), partition))));
      }
    };
  }

  private static Observed healthy(Check... checks) {
    return new Fake(new Health(List.of(checks)));
  }

  private static class Fake implements Observed {
    private final Health health;

    Fake(Health health) {
      this.health = health;
    }

    @Override
    public void bindTo(MeterRegistry registry) {}

    @Override
    public Health health() {
      return health;
    }
  }
}
