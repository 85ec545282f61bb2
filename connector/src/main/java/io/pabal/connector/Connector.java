// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.pabal.connector.admission.Admission;
import io.pabal.connector.admission.Part;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.control.ControlWriter;
import io.pabal.connector.control.Evictions;
import io.pabal.connector.control.Registration;
import io.pabal.connector.delivery.DeliveryConsumer;
import io.pabal.connector.delivery.DeliveryRings;
import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.connector.delivery.LocationRefresh;
import io.pabal.connector.drain.Drain;
import io.pabal.connector.drain.Redirection;
import io.pabal.connector.drain.ServerReferences;
import io.pabal.connector.history.HistoryReader;
import io.pabal.connector.ingress.AppendHealth;
import io.pabal.connector.ingress.Ingress;
import io.pabal.connector.loop.DirectMemory;
import io.pabal.connector.loop.LoopContext;
import io.pabal.connector.mqtt.MqttListener;
import io.pabal.connector.mqtt.Transport;
import io.pabal.connector.session.ClaimGenerations;
import io.pabal.connector.session.ClaimRenewal;
import io.pabal.connector.session.SessionEvents;
import io.pabal.connector.session.SessionServices;
import io.pabal.connector.session.SessionTable;
import io.pabal.connector.session.TimelineReads;
import io.pabal.connector.tracing.Tracing;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.clock.BrokerClock;
import io.pabal.schemas.partitions.PartitionsWatch;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.Meters;
import io.pabal.telemetry.Observed;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running connector. Its parts are started in an order in which no client can connect before
 * messages can be delivered to it, and are stopped in the reverse order. Methods may be called by
 * any thread.
 */
public final class Connector implements AutoCloseable, Observed {

  private static final Logger log = LoggerFactory.getLogger(Connector.class);

  private static final long RELEASE_MILLIS = 10_000;
  private static final double STALLED_SECONDS_MAX = 10;

  private final ConnectorConfig config;
  private final ConnectorMetrics metrics = new ConnectorMetrics();
  private final DirectMemory directMemory = new DirectMemory();
  private final List<LoopContext> loops = new ArrayList<>();
  private final MultiThreadIoEventLoopGroup acceptor;
  private final MultiThreadIoEventLoopGroup workers;
  private final Started parts = new Started();
  private final FeedTable feeds;
  private final Registration registration;
  private final ControlWriter control;
  private final DeliveryRings rings;
  private final DeliveryConsumer deliveries;
  private final SchemaRegistry registry;
  private final BrokerClock clock;
  private final SessionCache cache;
  private final Ingress ingress;
  private final AppendHealth appendHealth;
  private final HistoryReader history;
  private final CheckpointWriter checkpoints;
  private final SessionTable sessions;
  private final Redirection redirection;
  private final Admission admission;
  private final MqttListener listener;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final CompletableFuture<Void> drainAsked = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile @Nullable Drain drain;

  /**
   * Starts a connector. Blocks until clients can connect.
   *
   * @throws RuntimeException when it cannot start; the text says why
   */
  public static Connector start(ConnectorConfig config) {
    return new Connector(config, Transport.best());
  }

  /**
   * Starts a connector as {@link #start} does, but without a port: clients in this JVM connect to
   * the Netty {@code LocalAddress} whose name is the connector's id. For measurements with more
   * sessions than a machine has sockets.
   */
  public static Connector startLocal(ConnectorConfig config) {
    return new Connector(config, Transport.LOCAL);
  }

  private Connector(ConnectorConfig config, Transport transport) {
    this.config = config;
    acceptor = parts.add(transport.eventLoops(1, "accept"), Started::stop);
    workers = parts.add(transport.eventLoops(eventLoopThreads(), "mqtt"), Started::stop);
    for (EventExecutor executor : workers) {
      loops.add(new LoopContext(loops.size(), (EventLoop) executor, directMemory));
    }
    try {
      var kafka = config.kafka();
      String topic = TopicCatalogue.deliveriesTopic(config.id());
      registry = parts.add(SchemaRegistry.connect(kafka.registry()), AutoCloseable::close);
      Codecs codecs = registry.codecs();
      cache =
          parts.add(
              SessionCache.connect(
                  SessionCacheConfig.of(config.redisUri()), kafka.topics().partitions()),
              AutoCloseable::close);
      cache.startProbing();
      TopicPreparation.ensure(config, codecs);
      clock = parts.add(BrokerClock.start(kafka.bootstrapServers()), AutoCloseable::close);
      ServerReferences others =
          new ServerReferences(config.id(), config.drain().serverReference(), codecs);
      redirection = new Redirection(config.drain().permanent(), others);
      registration =
          parts.add(
              Registration.next(
                  config.id(),
                  kafka.bootstrapServers(),
                  codecs,
                  others::connectorChanged,
                  metrics.skipped),
              AutoCloseable::close);
      long incarnation = registration.incarnation();
      admission = new Admission(config.admission(), this::isOverloaded, metrics, System::nanoTime);
      control =
          parts.add(
              new ControlWriter(
                  config.id(),
                  incarnation,
                  kafka.bootstrapServers(),
                  kafka.topics().partitions(),
                  codecs,
                  kafka.appendBytesMax(),
                  this::resumeHeldBack,
                  nanos -> admission.measured(Part.ACTIVATION, nanos)),
              ControlWriter::stop);
      Evictions evictions =
          parts.add(new Evictions(kafka.bootstrapServers()), AutoCloseable::close);
      Tracing tracing = config.tracing() == null ? null : new Tracing(config.tracing(), metrics);
      ingress =
          parts.add(
              new Ingress(kafka, codecs.message(), loops, metrics, tracing), AutoCloseable::close);
      appendHealth =
          parts.add(AppendHealth.start(metrics, kafka.bootstrapServers()), AutoCloseable::close);
      history =
          parts.add(
              HistoryReader.start(kafka.bootstrapServers(), kafka.topics().feeds(), metrics),
              AutoCloseable::close);
      feeds = new FeedTable(control, kafka.topics().feeds(), loops.size());
      checkpoints =
          parts.add(
              CheckpointWriter.start(
                  cache.sessions(),
                  config.limits().checkpointInterval(),
                  config.limits().checkpointsPerSecondMax()),
              AutoCloseable::close);
      var generations = new ClaimGenerations();
      var services =
          new SessionServices(
              feeds,
              codecs.message(),
              cache.sessions(),
              checkpoints,
              generations,
              new TimelineReads(cache.timelines(), metrics),
              history,
              new SessionEvents(config.id(), incarnation, control::event, control::isBusy),
              config.limits(),
              metrics);
      sessions = new SessionTable(config.id(), incarnation, services, evictions);
      parts.add(
          ClaimRenewal.start(sessions, cache.sessions(), generations, ClaimRenewal.INTERVAL),
          AutoCloseable::close);
      rings = new DeliveryRings(config.ringBytesMax());
      deliveries =
          parts.add(
              new DeliveryConsumer(
                  TopicPreparation.consumerAtEnd(kafka.bootstrapServers(), topic),
                  topic,
                  incarnation,
                  feeds,
                  codecs.message(),
                  loops,
                  new Signals(others),
                  metrics,
                  rings,
                  tracing),
              DeliveryConsumer::stop);

      // The deliveries topic exists, and is read from its end, before routers learn that this
      // incarnation is up.
      registration.write(ConnectorStatus.UP, config.listener().host(), config.listener().port());
      loops.forEach(loop -> loop.start(nanos -> admission.measured(Part.EVENT_LOOP, nanos)));
      control.start(new LocationRefresh(feeds, kafka.locationRefresh(), System::nanoTime)::run);
      deliveries.start();
      listener =
          MqttListener.open(
              config,
              transport,
              acceptor,
              workers,
              loops,
              ingress,
              sessions,
              redirection,
              admission,
              control::isOverloaded,
              metrics);
      if (config.listener().port() == 0) {
        writeStatus(ConnectorStatus.UP); // again, now with the port in use
      }
      watch(
          parts
              .add(
                  PartitionsWatch.start(
                      Map.of("bootstrap.servers", kafka.bootstrapServers()),
                      kafka.topics().feeds()),
                  AutoCloseable::close)
              .terminated());
      watch(deliveries.terminated());
      watch(control.terminated());
      watch(history.terminated());
      log.info(
          "connector up id={} incarnation={} address={} transport={}",
          config.id(),
          incarnation,
          listener.address(),
          transport);
    } catch (InterruptedException e) {
      parts.stopAll();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "connector " + config.id() + ": interrupted while starting", e);
    } catch (TimeoutException e) {
      parts.stopAll();
      throw new IllegalStateException(
          "connector %s: kafka.bootstrapServers: %s does not answer (expected: a running broker). Start it, or correct the address."
              .formatted(config.id(), config.kafka().bootstrapServers()),
          e);
    } catch (RuntimeException | Error e) {
      parts.stopAll();
      throw e;
    }
  }

  /**
   * The address that clients connect to.
   *
   * @throws ClassCastException when clients do not connect over TCP ({@link #startLocal})
   */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.address();
  }

  /** What the connector has counted since its start. */
  public ConnectorMetrics metrics() {
    return metrics;
  }

  /** What each event loop has for its connections. For tests. */
  List<LoopContext> loops() {
    return List.copyOf(loops);
  }

  /** The number of live sessions. */
  public int sessionCount() {
    return sessions.size();
  }

  /**
   * The number of sessions in flight: they have a permit, and some of the messages that they missed
   * are not on their way to the client yet.
   */
  public int resumesInFlight() {
    return admission.inFlight();
  }

  /** The number of feeds in which live sessions have subscriptions. */
  public int feedCount() {
    return feeds.size();
  }

  /**
   * Completes when the connector has ended. Completes exceptionally when it failed: the caller has
   * to close it and start a new one.
   */
  public CompletionStage<Void> terminated() {
    return terminated;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Meters meters = Meters.of(registry, config.id());
    ConnectorMeters.bind(meters, metrics);
    ConnectorMeters.bindBuffers(registry);
    meters.gauge("pabal.connector.sessions", "Live sessions", sessions::size);
    meters.gauge("pabal.connector.feeds", "Feeds with live subscriptions", feeds::size);
    meters.gauge(
        "pabal.connector.draining",
        "Whether the connector sends its sessions elsewhere: 1 while it does, otherwise 0",
        () -> redirection.isActive() ? 1 : 0);
    directMemory.bindTo(meters);
    meters.gauge(BrokerClock.SKEW_METRIC, BrokerClock.SKEW_DOC, clock::skewSeconds);
    meters.counter(
        SchemaRegistry.UNANSWERED_METRIC,
        SchemaRegistry.UNANSWERED_DOC,
        this.registry.unansweredLookups());
    meters.counter(
        SchemaRegistry.ABSENT_METRIC, SchemaRegistry.ABSENT_DOC, this.registry.absentSchemas());
    admission.bindTo(meters);
    ingress.bindTo(meters);
    control.bindTo(meters);
    deliveries.bindTo(meters);
    rings.bindTo(meters);
    history.bindTo(meters);
    cache.bindTo(meters);
    checkpoints.bindTo(meters);
    loops.forEach(loop -> loop.bindTo(meters));
  }

  @Override
  public Health health() {
    double stalledSeconds = loops.stream().mapToDouble(LoopContext::stalledSeconds).max().orElse(0);
    double controlSeconds = control.stalledSeconds();
    Optional<String> appends = appendHealth.problem();
    Optional<String> redis = cache.problem();
    return new Health(
        List.of(
            Check.of(
                "connector",
                Weight.LIVE,
                !terminated.isCompletedExceptionally(),
                "The connector has failed; its log says of what."),
            Check.of(
                "event-loops",
                Weight.LIVE,
                stalledSeconds < STALLED_SECONDS_MAX,
                "An event loop has not run for %.0f s.".formatted(stalledSeconds)),
            Check.of(
                "direct-memory", Weight.READY, !directMemory.isScarce(), directMemory.detail()),
            Check.of(
                "clients",
                Weight.READY,
                !closing.get(),
                "The connector leaves, %d sessions are left.".formatted(sessions.size())),
            Check.of(
                "kafka-deliveries",
                Weight.READY,
                deliveries.isReading(),
                "Nothing was heard of Kafka for more than 10 s: nothing is delivered."),
            Check.of(
                "kafka-appends",
                Weight.READY,
                appends.isEmpty() && !ingress.isReplacing(),
                "Kafka does not take messages, nobody can publish: %s"
                    .formatted(appends.orElse("a new producer is begun"))),
            Check.of(
                "kafka-control",
                Weight.READY,
                controlSeconds < STALLED_SECONDS_MAX,
                "Kafka has taken no location and no session event for %.0f s: nobody can subscribe."
                    .formatted(controlSeconds)),
            Check.of(
                "redis",
                Weight.INFORMATION,
                redis.isEmpty(),
                "Redis does not serve: live sessions go on, nobody can connect or catch up: %s"
                    .formatted(redis.orElse(""))),
            Check.of(BrokerClock.CHECK, Weight.INFORMATION, clock.isRight(), clock.problem())));
  }

  /**
   * Completes when an operator has asked this incarnation to drain: the caller then has to close
   * the connector. Completes on a thread that must not be blocked.
   */
  public CompletionStage<Void> drainAsked() {
    return drainAsked;
  }

  /**
   * Drains and stops the connector. Refuses new clients, writes the cursors of the connected
   * sessions and sends their clients to other servers at the configured rate, then stops all parts.
   * Blocks, for little more than the configured time-out at most. A connector that has failed sends
   * all clients away at once. Further calls do nothing.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      redirection.begin();
      listener.close();
      writeStatus(ConnectorStatus.DRAINING);
      drain();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      writeStatus(ConnectorStatus.DOWN);
      parts.stopAll();
      terminated.complete(null);
      log.info("connector down id={}", config.id());
    }
  }

  private void drain() throws InterruptedException {
    Drain begun = new Drain(config.drain(), sessions, metrics, System.nanoTime());
    log.info("draining sessions={} sessionsPerSecond={}", sessions.size(), begun.perSecond());
    drain = begun;
    if (terminated.isCompletedExceptionally()) {
      begun.hurry();
    }
    if (!begun.run(RELEASE_MILLIS)) {
      log.warn("sessions not released in time left={}", sessions.size());
    }
  }

  private boolean isOverloaded() {
    return control.isOverloaded();
  }

  private void resumeHeldBack() {
    loops.forEach(loop -> loop.eventLoop().execute(loop::ingressOpened));
  }

  private void writeStatus(ConnectorStatus status) {
    try {
      registration.write(status, config.listener().host(), port());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | RuntimeException e) {
      log.warn("status not written status={} reason=\"{}\"", status, e.toString());
    }
  }

  private int port() {
    return listener.address() instanceof InetSocketAddress tcp
        ? tcp.getPort()
        : config.listener().port();
  }

  private void watch(CompletionStage<Void> part) {
    part.whenComplete(
        (done, error) -> {
          if (error == null) {
            return;
          }
          if (!closing.get()) {
            log.error("connector failed id={} reason=\"{}\"", config.id(), error.toString());
            terminated.completeExceptionally(error);
          }
          Drain begun = drain;
          if (begun != null) {
            // No message is delivered here any more, so all sessions should move at once.
            begun.hurry();
          }
        });
  }

  private static int eventLoopThreads() {
    return Math.max(1, Runtime.getRuntime().availableProcessors());
  }

  /** Handles the records that the delivery consumer reads beside messages. */
  private final class Signals implements DeliveryConsumer.Signals {
    private final ServerReferences others;

    Signals(ServerReferences others) {
      this.others = others;
    }

    @Override
    public void evicted(String clientId, long epoch) {
      sessions.evicted(clientId, epoch);
    }

    @Override
    public void kicked(String clientId, long epoch, boolean forget) {
      sessions.kicked(clientId, epoch, forget);
    }

    @Override
    public void drainAsked() {
      log.info("asked to leave by an operator id={}", config.id());
      drainAsked.complete(null);
    }

    @Override
    public void activated(Feed feed) {
      control.answered(feed);
    }

    @Override
    public @Nullable String connectorChanged(String connectorId, byte @Nullable [] value) {
      String reason = registration.endedBy(connectorId, value);
      if (reason == null) {
        others.connectorChanged(connectorId, value);
      }
      return reason;
    }

    @Override
    public @Nullable String connectorStateDecoded() {
      return registration.recheck();
    }
  }
}
