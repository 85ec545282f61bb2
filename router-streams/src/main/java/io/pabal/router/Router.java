// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import io.micrometer.core.instrument.MeterRegistry;
import io.pabal.router.cluster.KafkaEndOffsets;
import io.pabal.router.cluster.KnownTopics;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.RouterException;
import io.pabal.router.config.StoreKind;
import io.pabal.router.failure.FailStopClients;
import io.pabal.router.failure.FailurePolicy;
import io.pabal.router.metrics.RouterMetrics;
import io.pabal.router.routing.RouterTopology;
import io.pabal.router.streams.StandbyProgress;
import io.pabal.router.streams.StateDirectoryLock;
import io.pabal.router.streams.StreamsGroup;
import io.pabal.router.streams.StreamsMeters;
import io.pabal.router.streams.StreamsSettings;
import io.pabal.schemas.clock.BrokerClock;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.partitions.FixedPartitions;
import io.pabal.schemas.partitions.PartitionsWatch;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.KafkaClientMeters;
import io.pabal.telemetry.KafkaProblem;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Observed;
import io.pabal.telemetry.Stall;
import io.pabal.telemetry.StallDetector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running router. The routers of one application id share the partitions of {@code messages}.
 * When a router stops or dies, the remaining routers take over its partitions.
 */
public final class Router implements AutoCloseable, Observed {

  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration PAUSE_BEFORE_REPLACEMENT = Duration.ofSeconds(1);
  private static final Duration ADMIN_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Kafka answers a fetch within half a second, and a heartbeat every few seconds. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(15);

  private static final double STALLED_SECONDS_MAX = 10;

  private final RouterConfig config;
  private final Admin admin;
  private final SchemaRegistry registry;

  /** Null: this router keeps nothing in its state directory. */
  private final @Nullable StateDirectoryLock directory;

  private final BrokerClock clock;
  private final KnownTopics topics;
  private final RouterMetrics metrics;
  private final FailurePolicy failures;
  private final KafkaStreams streams;
  private final PartitionsWatch partitions;
  private final StallDetector reading;
  private final Stall stall;
  private final CompletableFuture<Void> running = new CompletableFuture<>();
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private Router(
      RouterConfig config,
      Admin admin,
      SchemaRegistry registry,
      BrokerClock clock,
      @Nullable StateDirectoryLock directory,
      Map<String, Object> clients) {
    this.config = config;
    this.admin = admin;
    this.registry = registry;
    this.clock = clock;
    this.directory = directory;
    metrics = new RouterMetrics();
    topics = new KnownTopics(admin, BrokerTime.clock());
    failures = new FailurePolicy(metrics, System::nanoTime, PAUSE_BEFORE_REPLACEMENT);
    var topology =
        RouterTopology.build(
            config.topics().feeds(),
            config.store(),
            registry.codecs(),
            topics,
            new KafkaEndOffsets(admin),
            metrics);
    streams =
        new KafkaStreams(
            topology, StreamsSettings.of(config), new FailStopClients(topics, metrics));
    reading =
        new StallDetector(
            () ->
                KafkaClientMeters.sum(streams.metrics(), "consumer-metrics", "incoming-byte-total"),
            SILENCE_MAX);
    stall = new Stall(metrics.recordsSent::sum, metrics.recordsAnswered::sum);
    streams.setUncaughtExceptionHandler(failures);
    streams.setStandbyUpdateListener(new StandbyProgress());
    streams.setStateListener((to, from) -> onState(to));
    partitions = PartitionsWatch.start(clients, config.topics().feeds());
    var _ = partitions.terminated().whenComplete((done, e) -> onPartitionsWatchEnd(e));
  }

  /**
   * Creates the shared topics that are missing, starts a router and returns when it routes. Blocks:
   * once the topics, the schemas and the clock are checked, at most five minutes.
   *
   * @throws RouterException when the router does not start, the thread is interrupted, or another
   *     router holds the state directory
   * @throws io.pabal.schemas.registry.RegistryException when the schema registry cannot be used
   * @throws io.pabal.schemas.clock.ClockException when the clock of this machine is wrong
   * @throws io.pabal.schemas.topic.TopicMismatchException when a topic has another number of
   *     partitions
   */
  public static Router start(RouterConfig config) {
    StateDirectoryLock directory =
        config.store() == StoreKind.ROCKSDB
            ? StateDirectoryLock.take(config.stateDirectory().resolve(config.applicationId()))
            : null;
    try {
      return start(config, directory);
    } catch (Throwable e) {
      if (directory != null) {
        directory.close();
      }
      throw e;
    }
  }

  private static Router start(RouterConfig config, @Nullable StateDirectoryLock directory) {
    SchemaRegistry registry = SchemaRegistry.connect(config.registry());
    try {
      var admin =
          Admin.create(
              Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers()));
      return start(config, admin, registry, directory);
    } catch (KafkaException | IllegalStateException | TimeoutException e) {
      throw new RouterException(
          "router: not started with Kafka at %s: %s. Check that the brokers are up and reachable."
              .formatted(config.bootstrapServers(), KafkaProblem.describe(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RouterException("router: interrupted while starting", e);
    }
  }

  /**
   * Completes when the router has stopped: normally by {@link #close()}, exceptionally with a
   * {@link RouterException} when it failed for good. A failed router must be closed; then another
   * can be started.
   */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** The counters of this router. */
  public RouterMetrics metrics() {
    return metrics;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Meters meters = Meters.of(registry, "router");
    metrics.bindTo(meters);
    meters.gauge(BrokerClock.SKEW_METRIC, BrokerClock.SKEW_DOC, clock::skewSeconds);
    meters.counter(
        SchemaRegistry.UNANSWERED_METRIC,
        SchemaRegistry.UNANSWERED_DOC,
        this.registry.unansweredLookups());
    meters.counter(
        SchemaRegistry.ABSENT_METRIC, SchemaRegistry.ABSENT_DOC, this.registry.absentSchemas());
    new StreamsMeters(streams).bindTo(meters);
  }

  @Override
  public Health health() {
    KafkaStreams.State state = streams.state();
    Optional<String> produced = metrics.produced.problem();
    double stalledSeconds = stall.seconds(System.nanoTime());
    return new Health(
        List.of(
            Check.of(
                "router",
                Weight.LIVE,
                !terminated.isCompletedExceptionally() && state != KafkaStreams.State.ERROR,
                "The router died; its log says of what."),
            Check.of(
                "routing",
                Weight.READY,
                state == KafkaStreams.State.RUNNING,
                "The state is %s (expected: RUNNING)%s.".formatted(state, lastFailure())),
            Check.of(
                "kafka-messages",
                Weight.READY,
                reading.goesOn(System.nanoTime()),
                "Nothing was heard of Kafka for more than %d s: nothing is routed."
                    .formatted(SILENCE_MAX.toSeconds())),
            Check.of(
                "kafka-deliveries",
                Weight.READY,
                produced.isEmpty() && stalledSeconds < STALLED_SECONDS_MAX,
                "Kafka does not take what is routed: %s"
                    .formatted(produced.orElse("no answer for %.0f s".formatted(stalledSeconds)))),
            Check.of(BrokerClock.CHECK, Weight.INFORMATION, clock.isRight(), clock.problem())));
  }

  /**
   * Commits, leaves the group so that other routers take over at once, and stops. Blocks for at
   * most 25 s. May be called more than once.
   */
  @Override
  public void close() {
    var options =
        CloseOptions.timeout(CLOSE_TIMEOUT)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(options)) {
      log.warn("the router did not stop in time timeoutMillis={}", CLOSE_TIMEOUT.toMillis());
    }
    partitions.close();
    topics.close();
    admin.close(ADMIN_CLOSE_TIMEOUT);
    registry.close();
    clock.close();
    if (directory != null) {
      directory.close();
    }
    terminated.complete(null);
  }

  private static Router start(
      RouterConfig config,
      Admin admin,
      SchemaRegistry registry,
      @Nullable StateDirectoryLock directory)
      throws InterruptedException, TimeoutException {
    Router router = null;
    BrokerClock clock = null;
    try {
      Map<String, Object> clients =
          Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
      FixedPartitions.ensure(
          admin,
          clients,
          config.topics(),
          config.replicationFactor(),
          registry.codecs().connectorState());
      clock = BrokerClock.start(config.bootstrapServers());
      if (config.groupProtocol() == GroupProtocol.STREAMS) {
        StreamsGroup.configure(admin, config);
      }
      router = new Router(config, admin, registry, clock, directory, clients);
      router.topics.start();
      router.streams.start();
      router.awaitRunning();
      return router;
    } catch (Throwable e) {
      if (router == null) {
        if (clock != null) {
          clock.close();
        }
        admin.close(ADMIN_CLOSE_TIMEOUT);
        registry.close();
      } else {
        router.close();
      }
      throw e;
    }
  }

  private void awaitRunning() throws InterruptedException {
    try {
      running.get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      String reason =
          e.getCause() instanceof RouterException died
              ? died.getMessage()
              : "router: " + failureReason();
      throw new RouterException(reason + " (while starting)", e.getCause());
    } catch (TimeoutException e) {
      throw new RouterException(
          "router: %s after %d s (expected: RUNNING). Its log says what it waits for."
              .formatted(streams.state(), START_TIMEOUT.toSeconds()),
          e);
    }
  }

  private void onState(KafkaStreams.State state) {
    log.info("router state={}", state);
    if (state == KafkaStreams.State.RUNNING) {
      running.complete(null);
    } else if (state == KafkaStreams.State.ERROR) {
      var died = new RouterException("router: died: " + failureReason(), failures.last());
      running.completeExceptionally(died);
      terminated.completeExceptionally(died);
    }
  }

  /**
   * Stops the router when the partitions watch failed. Kafka Streams notices added partitions only
   * minutes later, and reports a different error.
   */
  private void onPartitionsWatchEnd(@Nullable Throwable failure) {
    if (failure == null) {
      return;
    }
    log.error("router died reason=\"{}\"", failure.getMessage());
    var died = new RouterException("router: " + failure.getMessage(), failure);
    running.completeExceptionally(died);
    terminated.completeExceptionally(died);
    // On a thread of its own: this is the watch's thread, and closing would wait for it.
    Thread.ofPlatform().daemon().name("pabal-router-end").start(() -> streams.close(CLOSE_TIMEOUT));
  }

  private String lastFailure() {
    Throwable failure = failures.last();
    return failure == null ? "" : ", the last failure: " + KafkaProblem.describe(failure);
  }

  private String failureReason() {
    Throwable failure = failures.last();
    if (!FailurePolicy.chainHas(failure, InvalidSessionTimeoutException.class)) {
      return String.valueOf(failure);
    }
    return "router.sessionTimeoutMillis: %d (expected: at least the brokers' %s, which is 6000 unless they are configured otherwise). Raise it, or lower that setting on every broker."
        .formatted(
            config.sessionTimeout().toMillis(), config.groupProtocol().sessionTimeoutBound());
  }
}
