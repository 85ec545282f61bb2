// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import io.pabal.command.ExitCode;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.ProgressBar;
import io.pabal.command.output.Table;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.recovery.missed.Missed;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSession;
import io.pabal.sessioncache.session.StoredSubscription;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal missed}: which stored sessions have not acknowledged which messages. */
@Command(
    name = "missed",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows which stored sessions have not acknowledged which messages: how many, and since when.",
      "Compares cursors with `messages` itself; a live session's cursor may be seconds old."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal missed --session bob",
      "  pabal missed --address rooms/lobby",
      "  pabal missed --prefix users/ --format json"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class MissedCommand implements Callable<Integer> {

  @Option(names = "--address", paramLabel = "A", description = "Who is behind on this address.")
  private @Nullable String address;

  @Option(
      names = "--session",
      paramLabel = "CLIENT_ID",
      description = "What this session is behind on.")
  private @Nullable String session;

  @Option(names = "--prefix", paramLabel = "P", description = "Only addresses that begin so.")
  private @Nullable String prefix;

  @Mixin private ClusterOptions cluster;
  @Mixin private OutputOptions output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (address == null && session == null && prefix == null) {
      throw new UsageException(
          "missed: of whom? (expected: --session, --address or --prefix, or several of them)");
    }
    try (Cluster kafka = cluster.connect();
        SessionDirectory directory =
            SessionDirectory.connect(SessionCacheConfig.of(cluster.redisUri()));
        var consumer = kafka.newConsumer()) {
      Missed missed = new Missed(kafka.feeds());
      if (session != null) {
        add(missed, ReplayCommand.stored(directory, session));
      } else {
        directory.walk(
            "",
            each -> {
              add(missed, each);
              return true;
            });
      }
      List<Span> spans =
          new PositionRange(new Position.Start(), new Position.End())
              .resolve(kafka, TopicCatalogue.MESSAGES, Clock.systemUTC());
      long total =
          spans.stream()
              .mapToLong(span -> span.to() - Math.min(span.to(), from(missed, span)))
              .sum();
      try (ProgressBar progress = new ProgressBar(spec.commandLine().getErr(), "messages", total)) {
        for (Span span : spans) {
          missed.count(
              consumer, span.partition(), from(missed, span), span.to(), progress::advance);
        }
      }
      print(missed);
      TopicQueries.noteSkipped(spec.commandLine().getErr(), missed.skipped());
    }
    return ExitCode.OK;
  }

  private static long from(Missed missed, Span span) {
    return missed.from(span.partition().partition(), span.from(), span.to());
  }

  private void add(Missed missed, StoredSession stored) {
    for (StoredFeed feed : stored.feeds()) {
      for (StoredSubscription each : feed.subscriptions()) {
        if (isWanted(each.filter()) && !missed.add(stored.clientId(), feed, each)) {
          throw new UsageException(
              "missed: more than %d subscriptions (expected: fewer). Name an address, a session or a longer prefix."
                  .formatted(Missed.SUBSCRIPTIONS_MAX));
        }
      }
    }
  }

  private boolean isWanted(String candidate) {
    return (address == null || address.equals(candidate))
        && (prefix == null || candidate.startsWith(prefix));
  }

  private void print(Missed missed) {
    Table table = new Table("clientId", "address", "missed", "since", "cursor", "first");
    for (Missed.Row row : missed.rows()) {
      table.row(
          row.clientId(),
          row.address(),
          row.messages(),
          row.since(),
          row.partition() + ":" + row.cursor(),
          row.partition() + ":" + row.first());
    }
    output.print(table);
  }
}
