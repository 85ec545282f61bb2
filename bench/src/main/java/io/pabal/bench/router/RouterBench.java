// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

import io.pabal.bench.process.Await;
import io.pabal.bench.process.ChildJvm;
import io.pabal.router.routing.PassThrough;
import io.pabal.schemas.topic.Topic;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * Routes the same messages again and again, in turn with a Kafka Streams application that only
 * forwards each record, and with the router. Each is a process with the same settings, against one
 * broker.
 *
 * <p>A round is measured from the moment at which a quarter of the records is written, since a JVM
 * that has just started is slow, to the last one. The output topics are those of one connector,
 * with one partition, as connectors make them.
 */
public final class RouterBench {

  private static final String CONNECTOR = "bench";
  private static final String ROUTER_APPLICATION_ID = "pabal-router";
  private static final String HEAP = "768m";
  private static final Topic DELIVERIES = TopicCatalogue.deliveries(CONNECTOR, 1);
  private static final Topic PASSED = TopicCatalogue.deliveries("passed", 1);

  private final RouterBenchPlan plan;
  private final Consumer<String> log;

  /** A measurement that says what it does to {@code log}. */
  public RouterBench(RouterBenchPlan plan, Consumer<String> log) {
    this.plan = plan;
    this.log = log;
  }

  /** Measures. Blocks for minutes. */
  public RouterBenchReport run() throws Exception {
    Files.createDirectories(plan.directory());
    int port = plan.freePort().getAsInt();
    String kafka = "127.0.0.1:" + port;
    List<String> arguments =
        List.of("broker", "--port=" + port, "--data=" + plan.directory().resolve("broker"));
    try (ChildJvm broker = ChildJvm.start(plan.mainClass(), log("broker"), "1g", arguments)) {
      Await.until("the broker", broker::isReady);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
        Stream<Topic> shared = TopicCatalogue.defaults().shared().stream();
        TopicSetup.ensure(
            admin, Stream.concat(shared, Stream.of(DELIVERIES, PASSED)).toList(), (short) 1);
        return measure(broker, kafka, admin);
      }
    }
  }

  private RouterBenchReport measure(ChildJvm broker, String kafka, Admin admin) throws Exception {
    var load = new Preload(kafka, plan.messages(), plan.addresses());
    log.accept("writing %,d locations".formatted(plan.addresses()));
    load.writeLocations(CONNECTOR);
    var router = new Application(ROUTER_APPLICATION_ID, DELIVERIES.name(), admin, broker);
    var passThrough = new Application(PassThrough.APPLICATION_ID, PASSED.name(), admin, broker);
    try (ChildJvm process = startRouter(kafka)) {
      router.await(process, 0, plan.addresses());
      end(process);
    }
    log.accept("writing %,d messages".formatted(plan.messages()));
    load.writeMessages();

    List<Rate> passThroughRates = new ArrayList<>();
    List<Rate> routerRates = new ArrayList<>();
    for (int round = 1; round <= plan.rounds(); round++) {
      passThroughRates.add(measure(passThrough, () -> startPassThrough(kafka)));
      routerRates.add(measure(router, () -> startRouter(kafka)));
      log.accept(
          "round %d of %d: pass-through %,.0f/s, router %,.0f/s"
              .formatted(
                  round,
                  plan.rounds(),
                  passThroughRates.getLast().recordsPerSecond(),
                  routerRates.getLast().recordsPerSecond()));
    }
    return new RouterBenchReport(passThroughRates, routerRates);
  }

  private Rate measure(Application application, Starter starter) throws Exception {
    application.rewind();
    try (ChildJvm process = starter.start()) {
      Rate rate = application.measure(process, plan.messages());
      end(process);
      return rate;
    }
  }

  private interface Starter {
    ChildJvm start() throws IOException;
  }

  private ChildJvm startPassThrough(String kafka) throws IOException {
    return ChildJvm.start(
        PassThrough.class.getName(),
        log("pass-through"),
        HEAP,
        List.of(kafka, PASSED.name(), plan.directory().resolve("pass-through").toString()));
  }

  private ChildJvm startRouter(String kafka) throws IOException {
    Path config =
        Files.writeString(
            plan.directory().resolve("router.yaml"),
            """
            kafka:
              bootstrapServers: %s
            router:
              applicationId: %s
              stateDirectory: %s
              standbyReplicas: 0
            http:
              port: 0
            """
                .formatted(kafka, ROUTER_APPLICATION_ID, plan.directory().resolve("router")));
    return ChildJvm.start(
        plan.mainClass(), log("router"), HEAP, List.of("router", "--config=" + config));
  }

  private Path log(String name) {
    return plan.directory().resolve(name + ".log");
  }

  private static void end(ChildJvm process) throws InterruptedException {
    process.terminate();
    process.awaitEnd();
  }
}
