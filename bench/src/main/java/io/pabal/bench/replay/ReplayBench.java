// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.bench.client.LiveTraffic;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import io.pabal.bench.process.ChildJvm;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Message;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes many messages into a Pabal of its own, waits until their timelines are written, and
 * then replays them all while live messages are timed: the worst case of a replay, in which every
 * message is looked up, every address checked, and nothing is missing.
 */
public final class ReplayBench {

  private static final int PAYLOAD_BYTES = 200;
  private static final String LIVE = "live";
  private static final int SUBSCRIBERS = 20;
  private static final String TIMELINE_GROUP = "pabal-timeline";
  private static final long WARM_UP_MILLIS_MAX = 10_000;

  private final ReplayBenchPlan plan;
  private final Consumer<String> log;

  /** A measurement that says what it does to {@code log}. */
  public ReplayBench(ReplayBenchPlan plan, Consumer<String> log) {
    this.plan = plan;
    this.log = log;
  }

  /** Measures. Blocks for minutes. */
  public ReplayBenchReport run() throws Exception {
    Files.createDirectories(plan.directory());
    List<String> up =
        List.of(
            "up",
            "--port=0",
            "--kafka-port=0",
            "--redis-port=0",
            "--http-port=0",
            "--data=" + plan.directory().resolve("data"));
    try (ChildJvm pabal =
        ChildJvm.start(plan.mainClass(), plan.directory().resolve("up.log"), "2g", up)) {
      Await.until("Pabal", pabal::isReady);
      String kafka = address(pabal, "kafka");
      String redis = address(pabal, "redis");
      String mqtt = address(pabal, "c1");
      fill(kafka);
      var server = Endpoint.loopback(Integer.parseInt(mqtt.substring(mqtt.lastIndexOf(':') + 1)));
      var livePlan =
          new LiveTraffic.Plan(
              LIVE, SUBSCRIBERS, plan.liveMessagesPerSecond(), server, server, false);
      try (LiveTraffic live = LiveTraffic.start(livePlan)) {
        return measure(live, kafka, redis);
      }
    }
  }

  private ReplayBenchReport measure(LiveTraffic live, String kafka, String redis) throws Exception {
    log.accept("live traffic warms up");
    TimeUnit.MILLISECONDS.sleep(Math.min(WARM_UP_MILLIS_MAX, plan.baseline().toMillis()));
    log.accept("measuring without a replay for " + plan.baseline().toSeconds() + " s");
    long quietNanos = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(plan.baseline().toMillis());
    log.accept("replaying");
    long beganNanos = System.nanoTime();
    String replay = replay(kafka, redis);
    long endedNanos = System.nanoTime();
    live.stop();
    Await.until("every live message to arrive", live::isComplete);
    return new ReplayBenchReport(
        number(replay, "messagesRead"),
        number(replay, "perSecond"),
        live.latencies(quietNanos, beganNanos),
        live.latencies(beganNanos, endedNanos),
        List.copyOf(live.violations));
  }

  private void fill(String kafka) throws Exception {
    log.accept(
        "publishing %,d messages of %,d addresses".formatted(plan.messages(), plan.addresses()));
    AvroCodec<Message> codec =
        Codecs.MESSAGE; // before any message is made: it tells Avro whom to trust
    var serializer = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<byte[], byte[]>(
            Map.of("bootstrap.servers", kafka, "acks", "all", "linger.ms", 20),
            serializer,
            serializer)) {
      for (int i = 0; i < plan.messages(); i++) {
        String address = "bench/" + i % plan.addresses();
        Message message =
            Message.newBuilder()
                .setAddress(address)
                .setPublishedAt(Instant.now())
                .setPayload(ByteBuffer.wrap(new byte[PAYLOAD_BYTES]))
                .build();
        var _ =
            producer.send(
                new ProducerRecord<>(
                    TopicCatalogue.MESSAGES, address.getBytes(UTF_8), codec.encode(message)));
      }
    }
    log.accept("waiting for their timelines");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
      Await.until("the timelines", () -> lag(admin) == 0);
    }
  }

  private static long lag(Admin admin) throws ExecutionException, InterruptedException {
    var committed =
        admin.listConsumerGroupOffsets(TIMELINE_GROUP).partitionsToOffsetAndMetadata().get();
    var ends =
        admin
            .listOffsets(
                committed.keySet().stream()
                    .collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest())))
            .all()
            .get();
    return committed.isEmpty()
        ? Long.MAX_VALUE
        : committed.entrySet().stream()
            .mapToLong(
                each ->
                    Objects.requireNonNull(ends.get(each.getKey())).offset()
                        - each.getValue().offset())
            .sum();
  }

  private String replay(String kafka, String redis) throws IOException, InterruptedException {
    Path output = plan.directory().resolve("replay.log");
    var arguments =
        new ArrayList<>(
            List.of(
                "replay",
                "--from=start",
                "--bootstrap-servers=" + kafka,
                "--redis-uri=redis://" + redis,
                "--resume-file=" + plan.directory().resolve("place"),
                "--format=json"));
    if (!plan.replayRate().isEmpty()) {
      arguments.add("--rate=" + plan.replayRate());
    }
    try (ChildJvm replay = ChildJvm.start(plan.mainClass(), output, "512m", arguments)) {
      int status = replay.awaitExit();
      if (status != 0) {
        throw new IllegalStateException(
            "the replay ended with status %d: %s".formatted(status, replay.lastLines()));
      }
      return replay.output();
    }
  }

  private static String address(ChildJvm pabal, String name) throws IOException {
    Matcher found = Pattern.compile("(?m)^" + name + " +(\\S+)$").matcher(pabal.output());
    if (!found.find()) {
      throw new IllegalStateException("Pabal does not say where " + name + " is");
    }
    return found.group(1);
  }

  private static long number(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\" : (\\d+)").matcher(json);
    if (!found.find()) {
      throw new IllegalStateException("no " + name + " in " + json);
    }
    return Long.parseLong(found.group(1));
  }
}
