// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.pabal.command.http.HttpConfig;
import io.pabal.command.http.HttpEndpoint;
import io.pabal.command.http.Monitor;
import io.pabal.endtoend.Clients.Subscriber;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is written about metrics, and asked of Prometheus, is what the running roles give: the
 * dashboard, the alerts and the table of {@code docs/metrics.md}, both ways.
 */
class MetricsTest {

  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOCS = PROJECT.resolve("docs/metrics.md");

  private static final Pattern NAME = Pattern.compile("\\b(pabal|jvm|process)_[a-z0-9_]+");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)(?:\\{.*})? ");
  private static final Pattern DOCUMENTED =
      Pattern.compile("(?m)^\\| `(pabal_\\w+)` \\| (\\w+) \\|");

  @TempDir static Path data;

  private static final Set<String> SOON_FORGOTTEN =
      Set.of("pabal_kafka_queue_seconds", "pabal_kafka_request_latency_seconds");

  private static Pipeline pipeline;

  /** What was scraped soon after the message. */
  private static String soon = "";

  private static Monitor monitor;
  private static HttpEndpoint endpoint;

  @BeforeAll
  static void startAndSendOneMessage() throws Exception {
    pipeline = Pipeline.start(data, 1);
    monitor = new Monitor();
    monitor.watch("c1", pipeline.connector(1));
    monitor.watch("router", pipeline.router());
    monitor.watch("timeline", pipeline.timelineWriter());
    endpoint = HttpEndpoint.open(new HttpConfig("127.0.0.1", 0), monitor);
    System.gc(); // of which there are metrics only once there was one

    Clients.await(Clients.connect(pipeline.port(1), "visitor").disconnect());
    Subscriber bob = Clients.persistent(pipeline.port(1), "bob", true);
    bob.subscribe("users/bob");
    Mqtt5AsyncClient publisher = Clients.connect(pipeline.port(1), "publisher");
    Clients.await(Clients.publish(publisher, "users/bob", "hello"));
    await().until(() -> bob.received.size() == 1);
    // Kafka's clients forget within half a minute how fast their last requests were.
    await()
        .until(
            () -> {
              soon = get("/metrics").body();
              return samples(soon).containsAll(SOON_FORGOTTEN);
            });
  }

  @AfterAll
  static void stop() {
    endpoint.close();
    monitor.close();
    pipeline.close();
  }

  @Test
  void shouldHaveEveryMetricThatIsShownAlertedOnOrDocumented() throws IOException {
    Set<String> named = new TreeSet<>();
    for (String file :
        new String[] {
          "deploy/grafana/dashboards/pabal.json",
          "deploy/prometheus/alerts.yml",
          "docs/metrics.md",
          "docs/failures.md"
        }) {
      Set<String> names = names(Files.readString(PROJECT.resolve(file)));
      assertThat(names).as(file).isNotEmpty();
      named.addAll(names);
    }

    await().untilAsserted(() -> assertThat(unknown(named, scrapes())).isEmpty());
  }

  @Test
  void shouldFindMisspeltMetrics() throws Exception {
    String written =
        "sum(rate(pabal_connector_sesions[5m])) > 1 and pabal_connector_sessions > 0"
            + " or pabal_connector_append_seconds_buckets > pabal_connector_append_seconds_bucket";

    assertThat(unknown(names(written), get("/metrics").body()))
        .containsExactly("pabal_connector_append_seconds_buckets", "pabal_connector_sesions");
  }

  @Test
  void shouldDocumentEveryMetricWithItsType() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    Matcher row = DOCUMENTED.matcher(Files.readString(DOCS));
    while (row.find()) {
      documented.put(row.group(1), row.group(2));
    }

    await()
        .untilAsserted(
            () -> {
              Map<String, String> types = types(scrapes());
              types.keySet().removeIf(name -> !name.startsWith("pabal_"));
              assertThat(types).containsExactlyInAnyOrderEntriesOf(documented);
            });
  }

  @Test
  void shouldMeasureTheMessageOnItsWay() {
    await()
        .untilAsserted(
            () ->
                assertThat(get("/metrics").body().lines())
                    .contains(
                        "pabal_connector_disconnects_total{part=\"c1\",reason=\"client\"} 1.0",
                        "pabal_connector_disconnects_total{part=\"c1\",reason=\"keep-alive\"} 0.0",
                        "pabal_connector_publishes_total{part=\"c1\"} 1.0",
                        "pabal_connector_append_seconds_count{part=\"c1\"} 1",
                        "pabal_router_delay_seconds_count{part=\"router\"} 1",
                        "pabal_timeline_messages_total{part=\"timeline\"} 1.0",
                        "pabal_connector_delivery_seconds_count{part=\"c1\"} 1",
                        "pabal_connector_sessions{part=\"c1\"} 2.0",
                        "pabal_connector_append_bytes{part=\"c1\"} 0.0",
                        "pabal_redis_pending{link=\"sessions\",part=\"c1\"} 0.0"));
  }

  @Test
  void shouldBeReady() {
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = get("/health/ready");
              assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
              assertThat(answer.body()).doesNotContain("\"ok\":false");
            });
  }

  /** Those names that the running roles do not give. */
  private static Set<String> unknown(Set<String> names, String scrape) {
    Set<String> unknown = new TreeSet<>(names);
    unknown.removeAll(samples(scrape));
    unknown.removeAll(types(scrape).keySet());
    return unknown;
  }

  private static Set<String> names(String text) {
    return NAME.matcher(text)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> samples(String scrape) {
    return SAMPLE
        .matcher(scrape)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, String> types(String scrape) {
    Map<String, String> types = new TreeMap<>();
    Matcher type = TYPE.matcher(scrape);
    while (type.find()) {
      types.put(type.group(1), type.group(2));
    }
    return types;
  }

  /** Soon after the message, and now. */
  private static String scrapes() throws IOException, InterruptedException {
    return soon + get("/metrics").body();
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path))
              .build(),
          BodyHandlers.ofString());
    }
  }
}
