// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import io.pabal.command.ExitCode;
import io.pabal.command.NotFoundException;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.connectors.ConnectorDirectory;
import io.pabal.command.connectors.ConnectorEntry;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Printable;
import io.pabal.command.output.ProgressBar;
import io.pabal.command.output.Table;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionConverter;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.recovery.replay.Lacking;
import io.pabal.recovery.replay.Replay;
import io.pabal.recovery.replay.ReplayPlace;
import io.pabal.recovery.replay.ReplayPlan;
import io.pabal.recovery.replay.ReplayReport;
import io.pabal.recovery.replay.RewindReport;
import io.pabal.recovery.replay.Stretch;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCache;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal replay}: delivers missed messages again. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Delivers again what was missed, and only that: every message of the range that its timeline",
      "should have and has not is put back, and live sessions are checked. Cursors decide what"
          + " each",
      "session gets; a session that had everything gets nothing. May be run at any time.",
      "With --force the range is sent again to those that had it, too.",
      "When it is interrupted, the same line goes on where it was."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal replay --from -1h --dry-run",
      "  pabal replay --from -1h",
      "  pabal replay --from @2026-11-22T09:00Z --to @2026-11-22T10:00Z --prefix rooms/ --rate"
          + " 50000/s",
      "  pabal replay --from -1h --session bob",
      "  pabal replay --from -1h --to -30m --session bob --force --dry-run",
      "  pabal replay --from -1h --to -30m --session bob --force"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ReplayCommand implements Callable<Integer> {

  @Option(
      names = "--from",
      required = true,
      paramLabel = "POSITION",
      converter = PositionConverter.class,
      description = "Where the range begins: " + Position.EXPECTED + ".")
  private Position from;

  @Option(
      names = "--to",
      paramLabel = "POSITION",
      defaultValue = "end",
      converter = PositionConverter.class,
      description = {
        "Where it ends (default: end). Bounds what is counted and which live sessions are checked;",
        "timelines are put right up to the end, since what came after the range comes after it."
      })
  private Position to;

  @Option(
      names = "--address",
      paramLabel = "A",
      description = "This address alone, with the others of its feed (of its prefix).")
  private @Nullable String address;

  @Option(names = "--prefix", paramLabel = "P", description = "Feeds with addresses that begin so.")
  private @Nullable String prefix;

  @Option(
      names = "--session",
      paramLabel = "CLIENT_ID",
      description = "The feeds in which this session is subscribed.")
  private @Nullable String session;

  @Option(
      names = "--connector",
      paramLabel = "ID",
      description = "Check the live sessions of this connector alone.")
  private @Nullable String connector;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      converter = RateConverter.class,
      description = {
        "Messages read a second at most (default: no bound); with --force also messages of the",
        "feeds that are rewound, and of the stored sessions."
      })
  private @Nullable Long rate;

  @Option(
      names = "--force",
      description = {
        "Send every message of the range again, also to sessions that have acknowledged it: in",
        "order, and then what is newer. With --session to that one alone, with --connector to its",
        "live sessions alone; else to all that are subscribed now, those that are away when they",
        "come back. Nothing is sent again to a subscription at QoS 0."
      })
  private boolean force;

  @Option(names = "--dry-run", description = "Only look and count.")
  private boolean dryRun;

  @Option(
      names = "--resume-file",
      paramLabel = "FILE",
      description = "Where the place is kept (default: a file for this very line in ~/.pabal).")
  private @Nullable Path resumeFile;

  @Mixin private ClusterOptions cluster;
  @Mixin private OutputOptions output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Cluster kafka = cluster.connect();
        SchemaRegistry registry = dryRun ? cluster.registryToRead() : cluster.registry();
        SessionDirectory directory =
            SessionDirectory.connect(SessionCacheConfig.of(cluster.redisUri()));
        SessionCache cache =
            SessionCache.connect(
                SessionCacheConfig.of(cluster.redisUri()), kafka.feeds().partitions());
        var consumer = kafka.newConsumer();
        var producer = TopicQueries.newProducer(kafka)) {
      if (connector != null) {
        TopicQueries.requireConnector(kafka, connector);
      }
      Feeds feeds = kafka.feeds();
      FeedFilter wanted = new FeedFilter(feeds, address, prefix, feedsOf(directory));
      ReplayPlace place = place(kafka, feeds);
      Replay replay =
          new Replay(
              consumer,
              producer,
              feeds,
              registry.codecs().location(),
              cache.repair(TopicQueries.messagesId(kafka)),
              plan(wanted, place, directory));
      ReplayReport report = run(replay, place);
      if (force) {
        printForced(report, rewind(replay, directory, kafka, registry.codecs()));
      } else {
        print(report, replay.lacking(), directory);
      }
      TopicQueries.noteSkipped(spec.commandLine().getErr(), replay.skipped());
      place.delete();
      return ExitCode.OK;
    }
  }

  private ReplayPlan plan(FeedFilter wanted, ReplayPlace place, SessionDirectory directory) {
    return new ReplayPlan(
        wanted,
        connector == null ? "" : connector,
        dryRun,
        rate == null ? 0 : rate,
        force
            ? new ReplayPlan.Force(
                session == null ? "" : session, place.epoch(directory::clockMicros))
            : null);
  }

  private RewindReport rewind(
      Replay replay, SessionDirectory directory, Cluster kafka, Codecs codecs)
      throws InterruptedException {
    Map<String, ConnectorEntry> connectors =
        new ConnectorDirectory(
                kafka,
                codecs.connectorState(),
                note -> spec.commandLine().getErr().println("pabal: " + Printable.of(note)))
            .list().stream().collect(Collectors.toMap(ConnectorEntry::id, Function.identity()));
    try (ProgressBar progress =
        new ProgressBar(
            spec.commandLine().getErr(), "keys in Redis", session == null ? directory.keys() : 1)) {
      return replay.rewindSessions(
          directory,
          owner -> {
            ConnectorEntry entry = connectors.get(owner.connectorId());
            return entry != null && entry.mayRun(owner.incarnation());
          },
          progress::advance);
    }
  }

  private ReplayReport run(Replay replay, ReplayPlace place)
      throws IOException, InterruptedException {
    try (ProgressBar progress =
        new ProgressBar(spec.commandLine().getErr(), "offsets", place.offsetsLeft())) {
      return replay.run(place, progress::advance);
    }
  }

  private @Nullable Set<String> feedsOf(SessionDirectory directory) {
    if (session == null) {
      return null;
    }
    return stored(directory, session).feeds().stream()
        .map(StoredFeed::name)
        .collect(Collectors.toSet());
  }

  static StoredSession stored(SessionDirectory directory, String clientId) {
    return directory
        .find(clientId)
        .orElseThrow(
            () ->
                new NotFoundException(
                    "session %s: does not exist (expected: a stored session). See pabal sessions list, or bring it back: pabal rebuild --session %s"
                        .formatted(clientId, clientId)));
  }

  private ReplayPlace place(Cluster kafka, Feeds feeds) throws IOException {
    String line = line(kafka);
    Path file = resumeFile;
    if (file == null) {
      Path directory = Path.of(System.getProperty("user.home"), ".pabal");
      if (!dryRun) {
        Files.createDirectories(directory);
      }
      file = directory.resolve("replay-%08x".formatted(line.hashCode()));
    }
    if (dryRun) {
      file = file.resolveSibling(file.getFileName() + ".dry-run");
    }
    try {
      ReplayPlace place = ReplayPlace.open(file, line, () -> stretches(kafka, feeds));
      if (place.isResumed()) {
        spec.commandLine().getErr().println("pabal: goes on where it was interrupted: " + file);
      }
      return place;
    } catch (IllegalArgumentException e) {
      throw new UsageException("--resume-file: " + e.getMessage());
    }
  }

  /** The flags that identify a replay. A command with the same line resumes the replay. */
  private String line(Cluster kafka) {
    StringBuilder line = new StringBuilder("--from " + from + " --to " + to);
    append(line, "--address", address);
    append(line, "--prefix", prefix);
    append(line, "--session", session);
    append(line, "--connector", connector);
    line.append(force ? " --force" : "");
    append(line, "--bootstrap-servers", kafka.bootstrapServers());
    append(line, "--redis-uri", RedisAddress.of(cluster.redisUri()).masked());
    return line.toString();
  }

  private static void append(StringBuilder line, String flag, @Nullable String value) {
    if (value != null) {
      line.append(' ').append(flag).append(' ').append(value);
    }
  }

  private List<Stretch> stretches(Cluster kafka, Feeds feeds) {
    List<Span> asked =
        new PositionRange(from, to).resolve(kafka, TopicCatalogue.MESSAGES, Clock.systemUTC());
    Map<Integer, Span> toEnd =
        new PositionRange(new Position.Start(), new Position.End())
            .resolve(kafka, TopicCatalogue.MESSAGES, Clock.systemUTC()).stream()
                .collect(
                    Collectors.toMap(span -> span.partition().partition(), Function.identity()));
    int only = address == null ? -1 : feeds.partitionOf(address);
    return asked.stream()
        .filter(span -> only < 0 || span.partition().partition() == only)
        .filter(span -> span.from() < span.to())
        .map(
            span -> {
              int partition = span.partition().partition();
              Span whole = toEnd.getOrDefault(partition, span);
              return new Stretch(
                  partition, span.from(), span.to(), Math.max(span.to(), whole.to()));
            })
        .toList();
  }

  private void print(ReplayReport report, Lacking lacking, SessionDirectory directory) {
    long[] sessionsAndDeliveries = new long[2];
    if (lacking.count() > 0) {
      if (session == null) {
        directory.walk(
            "",
            each -> {
              count(each, lacking, sessionsAndDeliveries);
              return true;
            });
      } else {
        count(stored(directory, session), lacking, sessionsAndDeliveries);
      }
    }
    Table table =
        new Table(
            "messagesRead",
            "messages",
            "feeds",
            "checks",
            "lacking",
            "refilled",
            "sessions",
            "owed",
            "seconds",
            "perSecond");
    table.row(
        report.messagesRead(),
        report.messages(),
        report.feeds(),
        report.checks(),
        report.lacking(),
        report.refilled(),
        sessionsAndDeliveries[0],
        sessionsAndDeliveries[1],
        report.elapsedMillis() / 1000.0,
        report.messagesPerSecond());
    output.print(table);
    if (!lacking.isComplete()) {
      spec.commandLine()
          .getErr()
          .println("pabal: too many messages were lacking to count all that sessions are owed");
    }
  }

  private void printForced(ReplayReport report, RewindReport rewinds) {
    Table table =
        new Table(
            "messagesRead",
            "messages",
            "feeds",
            "refilled",
            "live",
            "liveMessages",
            "away",
            "awayMessages",
            "seconds",
            "perSecond");
    table.row(
        report.messagesRead(),
        report.messages(),
        report.feeds(),
        report.refilled(),
        rewinds.live(),
        rewinds.liveMessages(),
        rewinds.away(),
        rewinds.awayMessages(),
        report.elapsedMillis() / 1000.0,
        report.messagesPerSecond());
    output.print(table);
  }

  private static void count(StoredSession session, Lacking lacking, long[] sessionsAndDeliveries) {
    long owed = session.feeds().stream().mapToLong(lacking::owedTo).sum();
    if (owed > 0) {
      sessionsAndDeliveries[0]++;
      sessionsAndDeliveries[1] += owed;
    }
  }
}
