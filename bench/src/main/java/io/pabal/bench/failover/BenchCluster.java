// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.failover;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.bench.process.Await;
import io.pabal.bench.process.ChildJvm;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.Location;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.schemas.topic.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker, two routers and a simulated connector, to which all messages are delivered. */
final class BenchCluster implements AutoCloseable {

  private static final String CONNECTOR = "bench";
  private static final int DELIVERY_PARTITIONS = 4;
  private static final Pattern BROKER = Pattern.compile("(?m)^kafka +(\\S+)$");
  private static final Pattern READY =
      Pattern.compile("(?:routing|standby ready) partition=(\\d+) ");

  private final FailoverPlan plan;
  private final ChildJvm broker;
  private final String bootstrapServers;
  private final Admin admin;
  private final RouterGroup group;
  private final DeliveryWatch watch;
  private final List<List<String>> addresses;
  private final List<ChildJvm> routers = new ArrayList<>();
  private int starts;

  private BenchCluster(FailoverPlan plan, ChildJvm broker) throws Exception {
    this.plan = plan;
    this.broker = broker;
    Await.until("the broker", broker::isReady);
    Matcher matcher = BROKER.matcher(broker.output());
    if (!matcher.find()) {
      throw new IllegalStateException("the broker does not say where it is");
    }
    bootstrapServers = matcher.group(1);
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    group = new RouterGroup(admin, "pabal-router", plan.streamsProtocol());
    var catalogue = new TopicCatalogue(plan.partitions(), TopicCatalogue.MESSAGE_RETENTION_DEFAULT);
    TopicSetup.ensure(
        admin,
        Stream.concat(
                catalogue.shared().stream(),
                Stream.of(TopicCatalogue.deliveries(CONNECTOR, DELIVERY_PARTITIONS)))
            .toList(),
        (short) -1);
    addresses = addresses(plan);
    watch = new DeliveryWatch(bootstrapServers, CONNECTOR, DELIVERY_PARTITIONS, plan.partitions());
  }

  /** Starts everything and returns when both routers have their partitions. */
  static BenchCluster start(FailoverPlan plan) throws Exception {
    Files.createDirectories(plan.directory());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "broker", "--port", "0", "--data", plan.directory().resolve("kafka").toString()));
    if (plan.stockBroker()) {
      arguments.add("--stock-groups");
    }
    Path log = plan.directory().resolve("broker.log");
    var cluster = new BenchCluster(plan, ChildJvm.start(plan.mainClass(), log, "1g", arguments));
    cluster.routers.add(cluster.startRouter(0));
    cluster.routers.add(cluster.startRouter(1));
    for (ChildJvm router : cluster.routers) {
      Await.until("a router", router::isReady);
    }
    cluster.awaitStable(2);
    return cluster;
  }

  /** Locates every address at the connector, and returns when each is answered. */
  void fillTable() throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrapServers, "linger.ms", 5),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      long activation = 0;
      for (List<String> ofPartition : addresses) {
        for (String address : ofPartition) {
          var location = new Location(CONNECTOR, 1L, ++activation, true);
          var _ =
              producer.send(
                  new ProducerRecord<>(
                      TopicCatalogue.LOCATIONS,
                      address.getBytes(UTF_8),
                      Codecs.LOCATION.encode(location)));
        }
      }
    }
    Await.until("every location to be answered", () -> watch.activated() == plan.addresses());
  }

  SteadyPublisher startPublisher() {
    return new SteadyPublisher(bootstrapServers, addresses, plan.messagesPerSecond());
  }

  DeliveryWatch watch() {
    return watch;
  }

  /** Router 0 or 1. */
  ChildJvm router(int index) {
    return routers.get(index);
  }

  /** Starts a router again that was ended. */
  void restart(int index) throws Exception {
    routers.get(index).awaitEnd();
    routers.set(index, startRouter(index));
    Await.until("a router", routers.get(index)::isReady);
  }

  /** Returns when each router has, or has a copy of, every partition's part of the table. */
  void awaitReady() throws Exception {
    awaitStable(2);
    if (plan.standbyReplicas() > 0) {
      for (ChildJvm router : routers) {
        Await.until("the standbys", () -> hasWholeTable(router));
      }
    }
  }

  /** Waits for {@code members} that have all partitions, and returns the partitions of each. */
  Map<String, Set<Integer>> awaitStable(int members) throws Exception {
    Map<String, Set<Integer>> partitions = new HashMap<>();
    Await.until(
        "a group of " + members,
        () -> {
          partitions.clear();
          partitions.putAll(group.partitionsByMember());
          int assigned = partitions.values().stream().mapToInt(Set::size).sum();
          return partitions.size() == members && assigned == plan.partitions();
        });
    return partitions;
  }

  @Override
  public void close() {
    watch.close();
    admin.close();
    for (ChildJvm router : routers) {
      router.close();
    }
    broker.close();
  }

  private boolean hasWholeTable(ChildJvm router) throws IOException {
    return READY.matcher(router.output()).results().map(found -> found.group(1)).distinct().count()
        == plan.partitions();
  }

  private ChildJvm startRouter(int index) throws IOException {
    Path directory = plan.directory();
    Path config = directory.resolve("router-%d.yaml".formatted(index));
    Files.writeString(
        config,
        """
        kafka:
          bootstrapServers: %s
        topics:
          partitions: %d
        router:
          stateDirectory: %s
          standbyReplicas: %d
          groupProtocol: %s
          sessionTimeoutMillis: %d
        http:
          port: 0
        """
            .formatted(
                bootstrapServers,
                plan.partitions(),
                directory.resolve("router-" + index),
                plan.standbyReplicas(),
                plan.streamsProtocol() ? "streams" : "classic",
                plan.sessionTimeout().toMillis()));
    Path log = directory.resolve("router-%d.%d.log".formatted(index, ++starts));
    return ChildJvm.start(
        plan.mainClass(), log, "512m", List.of("router", "--config", config.toString()));
  }

  private static List<List<String>> addresses(FailoverPlan plan) {
    Feeds feeds = new Feeds(plan.partitions(), Feeds.PREFIX_LEVELS_DEFAULT);
    List<List<String>> byPartition =
        IntStream.range(0, plan.partitions())
            .<List<String>>mapToObj(p -> new ArrayList<>())
            .toList();
    for (int i = 0; i < plan.addresses(); i++) {
      String address = "users/" + i;
      byPartition.get(feeds.partitionOf(address)).add(address);
    }
    return byPartition;
  }
}
