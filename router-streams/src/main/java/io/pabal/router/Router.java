// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import io.micrometer.core.instrument.MeterRegistry;
import io.pabal.schemas.TopicSetup;
import io.pabal.schemas.clock.BrokerClock;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Observed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running router. Routers of the same application id share the partitions of {@code messages}
 * between them, and take over from one another.
 */
public final class Router implements AutoCloseable, Observed {

  private static final Logger log = LoggerFactory.getLogger(Router.class);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration PAUSE_BEFORE_REPLACEMENT = Duration.ofSeconds(1);
  private static final Duration ADMIN_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final RouterConfig config;
  private final Admin admin;
  private final SchemaRegistry registry;
  private final BrokerClock clock;
  private final KnownTopics topics;
  private final RouterMetrics metrics;
  private final FailurePolicy failures;
  private final KafkaStreams streams;
  private final CompletableFuture<Void> running = new CompletableFuture<>();
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();

  private Router(RouterConfig config, Admin admin, SchemaRegistry registry, BrokerClock clock) {
    this.config = config;
    this.admin = admin;
    this.registry = registry;
    this.clock = clock;
    metrics = new RouterMetrics();
    topics = new KnownTopics(admin, BrokerTime.clock());
    failures = new FailurePolicy(metrics, System::nanoTime, PAUSE_BEFORE_REPLACEMENT);
    var topology =
        RouterTopology.build(
            config.store(), registry.codecs(), topics, new KafkaEndOffsets(admin), metrics);
    streams =
        new KafkaStreams(
            topology, StreamsSettings.of(config), new FailStopClients(topics, metrics));
    streams.setUncaughtExceptionHandler(failures);
    streams.setStandbyUpdateListener(new StandbyProgress());
    streams.setStateListener((to, from) -> onState(to));
  }

  /**
   * Makes sure of the shared topics, starts a router and returns when it routes. Blocks, for at
   * most five minutes.
   *
   * @throws RouterException when it does not come up
   * @throws io.pabal.schemas.registry.RegistryException when the schema registry cannot be used
   * @throws io.pabal.schemas.clock.ClockException when the clock of this machine is wrong
   * @throws io.pabal.schemas.TopicMismatchException when a topic has another number of partitions
   */
  public static Router start(RouterConfig config) {
    SchemaRegistry registry = SchemaRegistry.connect(config.registry());
    try {
      var admin =
          Admin.create(
              Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers()));
      return start(config, admin, registry);
    } catch (KafkaException | IllegalStateException | TimeoutException e) {
      throw new RouterException(
          "router: not started with Kafka at %s: %s. Check that the brokers are up and reachable."
              .formatted(config.bootstrapServers(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RouterException("router: interrupted while starting", e);
    }
  }

  /**
   * Completes when the router has stopped: normally by {@link #close()}, exceptionally with a
   * {@link RouterException} when it died for good; what is left is to close it and start another.
   */
  public CompletionStage<Void> terminated() {
    return terminated.minimalCompletionStage();
  }

  /** What this router has counted. */
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
                "The state is %s (expected: RUNNING).".formatted(state)),
            Check.of(BrokerClock.CHECK, Weight.INFORMATION, clock.isRight(), clock.problem())));
  }

  /**
   * Commits, leaves the group so that other routers take over at once, and stops. Blocks, for at
   * most 25 s; may be called again.
   */
  @Override
  public void close() {
    var options =
        CloseOptions.timeout(CLOSE_TIMEOUT)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(options)) {
      log.warn("the router did not stop in time timeoutMillis={}", CLOSE_TIMEOUT.toMillis());
    }
    topics.close();
    admin.close(ADMIN_CLOSE_TIMEOUT);
    registry.close();
    clock.close();
    terminated.complete(null);
  }

  private static Router start(RouterConfig config, Admin admin, SchemaRegistry registry)
      throws InterruptedException, TimeoutException {
    Router router = null;
    BrokerClock clock = null;
    try {
      TopicSetup.ensure(admin, config.topics().shared(), config.replicationFactor());
      clock = BrokerClock.start(config.bootstrapServers());
      if (config.groupProtocol() == GroupProtocol.STREAMS) {
        StreamsGroup.configure(admin, config);
      }
      router = new Router(config, admin, registry, clock);
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
      throw new RouterException("router: died while starting: " + why(), e.getCause());
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
      var died = new RouterException("router: died: " + why(), failures.last());
      running.completeExceptionally(died);
      terminated.completeExceptionally(died);
    }
  }

  private String why() {
    Throwable failure = failures.last();
    if (!FailurePolicy.chainHas(failure, InvalidSessionTimeoutException.class)) {
      return String.valueOf(failure);
    }
    return "router.sessionTimeoutMillis: %d (expected: at least the brokers' %s, which is 6000 unless they are configured otherwise). Raise it, or lower that setting on every broker."
        .formatted(
            config.sessionTimeout().toMillis(), config.groupProtocol().sessionTimeoutBound());
  }
}
