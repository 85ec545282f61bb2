// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import io.pabal.command.ExitCode;
import io.pabal.command.NotFoundException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.ProgressBar;
import io.pabal.command.output.Table;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionConverter;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.recovery.rebuild.SessionsRebuild;
import io.pabal.recovery.rebuild.TimelinesRebuild;
import io.pabal.schemas.clock.BrokerClock;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.Partitions;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal rebuild}: fills Redis again from the topics. */
@Command(
    name = "rebuild",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fills Redis again from the topics after it lost its data, while everything runs: sessions"
          + " with",
      "their subscriptions and cursors from `sessions`, timelines from `messages`. What is newer"
          + " in",
      "Redis stays, so it may be run at any time, and twice."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal rebuild --dry-run", "  pabal rebuild", "  pabal rebuild --session bob"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RebuildCommand implements Callable<Integer> {

  private enum Part {
    ALL,
    SESSIONS,
    TIMELINES
  }

  @Option(
      names = "--only",
      paramLabel = "PART",
      defaultValue = "all",
      description = "sessions or timelines (default: all).")
  private Part only;

  @Option(
      names = "--session",
      paramLabel = "CLIENT_ID",
      description = "This session alone, and no timelines.")
  private @Nullable String session;

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      defaultValue = "start",
      converter = PositionConverter.class,
      description = {
        "The oldest messages to put into timelines (default: start, all that Kafka has).",
        Position.EXPECTED + "."
      })
  private Position from;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      converter = RateConverter.class,
      description = "Messages put into timelines a second at most (default: no bound).")
  private @Nullable Long rate;

  @Option(names = "--dry-run", description = "Only look: read, ask Redis what it has, and count.")
  private boolean dryRun;

  @Mixin private ClusterOptions cluster;
  @Mixin private OutputOptions output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    long beganNanos = System.nanoTime();
    try (Cluster kafka = cluster.connect();
        SchemaRegistry registry = cluster.registryToRead();
        SessionCache cache =
            SessionCache.connect(
                SessionCacheConfig.of(cluster.redisUri()), kafka.feeds().partitions());
        var consumer = kafka.newConsumer()) {
      Feeds feeds = kafka.feeds();
      var sessions =
          new SessionsRebuild(
              consumer, registry.codecs().sessionEvent(), cache.rebuild(), feeds, dryRun);
      var timelines =
          new TimelinesRebuild(
              consumer,
              feeds,
              cache.repair(TopicQueries.messagesId(kafka)),
              rate == null ? 0 : rate,
              dryRun);
      if (only != Part.TIMELINES) {
        rebuildSessions(kafka, sessions);
      }
      if (only != Part.SESSIONS && session == null) {
        rebuildTimelines(kafka, timelines);
      }
      print(sessions.report(), timelines.report(), (System.nanoTime() - beganNanos) / 1_000_000);
    }
    return ExitCode.OK;
  }

  private void rebuildSessions(Cluster kafka, SessionsRebuild sessions)
      throws InterruptedException {
    List<Span> spans =
        new PositionRange(new Position.Start(), new Position.End())
            .resolve(kafka, TopicCatalogue.SESSIONS, Clock.systemUTC());
    int partition = session == null ? -1 : Partitions.of(session, spans.size());
    List<Span> wanted =
        spans.stream()
            .filter(span -> partition < 0 || span.partition().partition() == partition)
            .toList();
    // Whether a session has expired is decided by the brokers' time.
    try (BrokerClock _ = BrokerClock.start(kafka.bootstrapServers());
        ProgressBar progress =
            progress("session events", wanted.stream().mapToLong(Span::offsets).sum())) {
      for (Span span : wanted) {
        sessions.partition(
            span.partition(),
            span.from(),
            span.to(),
            clientId -> session == null || session.equals(clientId),
            progress::advance);
      }
    }
    if (session != null
        && sessions.report().events() == 0
        && sessions.report().undecodable() == 0) {
      throw new NotFoundException(
          "session %s: the topic %s knows nothing of it (expected: a client identifier that was connected within its retention)."
              .formatted(session, TopicCatalogue.SESSIONS));
    }
  }

  private void rebuildTimelines(Cluster kafka, TimelinesRebuild timelines)
      throws InterruptedException {
    List<Span> spans =
        new PositionRange(from, new Position.End())
            .resolve(kafka, TopicCatalogue.MESSAGES, Clock.systemUTC());
    long total = 0;
    for (Span span : spans) {
      total += timelines.offsets(span.partition().partition(), span.from(), span.to());
    }
    try (ProgressBar progress = progress("messages", total)) {
      for (Span span : spans) {
        timelines.partition(
            span.partition().partition(), span.from(), span.to(), progress::advance);
      }
    }
  }

  private ProgressBar progress(String label, long total) {
    return new ProgressBar(spec.commandLine().getErr(), label, total);
  }

  private void print(
      SessionsRebuild.Report sessions, TimelinesRebuild.Report timelines, long elapsedMillis) {
    Table table =
        new Table(
            "sessionEvents",
            "sessionsWritten",
            "inexact",
            "sessionsPresent",
            "undecodable",
            "firstUndecodable",
            "messagesRead",
            "refilled",
            "seconds");
    table.row(
        sessions.events(),
        sessions.written(),
        sessions.inexact(),
        sessions.present(),
        sessions.undecodable(),
        sessions.firstUndecodable(),
        timelines.messagesRead(),
        timelines.refilled(),
        elapsedMillis / 1000.0);
    output.print(table);
    TopicQueries.noteSkipped(spec.commandLine().getErr(), timelines.skipped());
    if (sessions.undecodable() > 0) {
      spec.commandLine()
          .getErr()
          .printf(
              "pabal: %d records of sessions cannot be decoded, the first at %s; their sessions may"
                  + " lack something. See them: pabal tail sessions --format json%n",
              sessions.undecodable(), sessions.firstUndecodable());
    }
  }
}
