// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.sessions;

import io.pabal.command.Bounds;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Table;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredSession;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal sessions list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lists sessions as Redis holds them: live (a connector has the connection) or away.",
      "Those of a connector that crashed are live until they come back or their time is over."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal sessions list --away --limit 20",
      "  pabal sessions list --connector c1 --format json",
      "  pabal sessions list --prefix user-"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class SessionsListCommand implements Runnable {

  private static final int LIMIT_MAX = 1_000_000;

  @Option(names = "--connector", paramLabel = "ID", description = "Only those that it holds.")
  private @Nullable String connector;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only those whose client identifier begins so.")
  private String prefix;

  @ArgGroup private @Nullable Presence presence;

  /** At most one of the two flags is set. */
  private static final class Presence {
    @Option(names = "--live", description = "Only those that a connector holds.")
    private boolean live;

    @Option(names = "--away", description = "Only those whose client is away.")
    private boolean away;
  }

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many, whichever come first (default: 1000).")
  private int limit;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Bounds.between("--limit", limit, 1, LIMIT_MAX);
    // Sorted by client identifier. The map also drops a session that the walk visits twice.
    SortedMap<String, StoredSession> found = new TreeMap<>();
    boolean[] more = new boolean[1];
    try (SessionDirectory directory =
        SessionDirectory.connect(SessionCacheConfig.of(clusterOptions.redisUri()))) {
      directory.walk(
          prefix,
          session -> {
            if (!matches(session) || found.containsKey(session.clientId())) {
              return true;
            }
            more[0] = found.size() == limit;
            if (!more[0]) {
              found.put(session.clientId(), session);
            }
            return !more[0];
          });
    }
    Table table =
        new Table(
            "clientId",
            "state",
            "connector",
            "incarnation",
            "expirySeconds",
            "goesInSeconds",
            "subscriptions",
            "inFlight");
    found.values().forEach(session -> add(session, table));
    output.print(table);
    if (more[0]) {
      spec.commandLine()
          .getErr()
          .printf("pabal: there are more than %d; use --limit, --prefix or --connector%n", limit);
    }
  }

  private boolean matches(StoredSession session) {
    Owner owner = session.owner();
    if (connector != null && (owner == null || !owner.connectorId().equals(connector))) {
      return false;
    }
    Presence wanted = presence;
    return wanted == null || (owner == null ? wanted.away : wanted.live);
  }

  private static void add(StoredSession session, Table table) {
    Owner owner = session.owner();
    table.row(
        session.clientId(),
        owner == null ? "away" : "live",
        owner == null ? null : owner.connectorId(),
        owner == null ? null : owner.incarnation(),
        session.expirySeconds() == SessionStore.EXPIRY_NEVER ? "never" : session.expirySeconds(),
        session.goesInSeconds().isPresent() ? session.goesInSeconds().getAsLong() : "never",
        session.subscriptionCount(),
        session.inFlight().size());
  }
}
