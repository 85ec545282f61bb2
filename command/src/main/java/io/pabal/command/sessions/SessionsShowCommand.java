// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.sessions;

import io.pabal.command.NotFoundException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Format;
import io.pabal.command.output.Json;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Printable;
import io.pabal.command.output.Table;
import io.pabal.connector.session.SubscriptionOptions;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredFeed;
import io.pabal.sessioncache.session.StoredSession;
import io.pabal.sessioncache.session.StoredSubscription;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal sessions show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what is stored of one session: who holds it, what it is subscribed to, how far it has"
          + " come.",
      "A cursor is the last position that is acknowledged together with all before it; a live"
          + " session's is",
      "as old as its last checkpoint. Which partition that is, Kafka is asked."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pabal sessions show bob", "  pabal sessions show bob --format json"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class SessionsShowCommand implements Runnable {

  @Parameters(paramLabel = "CLIENT_ID", description = "The MQTT client identifier.")
  private String clientId;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    StoredSession session;
    try (SessionDirectory directory =
        SessionDirectory.connect(SessionCacheConfig.of(clusterOptions.redisUri()))) {
      session = get(directory, clientId);
    }
    Feeds feeds;
    try (Cluster cluster = clusterOptions.connect()) {
      feeds = cluster.feeds();
    }
    PrintWriter out = spec.commandLine().getOut();
    Map<String, @Nullable Object> fields = fields(session);
    Table subscriptions = subscriptions(session, feeds);
    Table inFlight = inFlight(session, feeds);
    if (output.format() == Format.JSON) {
      fields.put("subscriptions", subscriptions.toJson());
      fields.put("inFlight", inFlight.toJson());
      out.println(Json.document(fields));
    } else {
      fields.forEach(
          (name, value) ->
              out.printf("%-15s %s%n", name, value == null ? "-" : Printable.of(value.toString())));
      out.println();
      subscriptions.printText(out, spec.commandLine().getColorScheme().ansi());
      if (!session.inFlight().isEmpty()) {
        out.println();
        inFlight.printText(out, spec.commandLine().getColorScheme().ansi());
      }
    }
    out.flush();
  }

  /** The stored session. Throws {@link NotFoundException} when no such session is stored. */
  static StoredSession get(SessionDirectory directory, String clientId) {
    return directory
        .find(clientId)
        .orElseThrow(
            () ->
                new NotFoundException(
                    "session %s: does not exist (expected: the client identifier of a stored session). See 'pabal sessions list --prefix ...'."
                        .formatted(Printable.of(clientId))));
  }

  private static Map<String, @Nullable Object> fields(StoredSession session) {
    Owner owner = session.owner();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("clientId", session.clientId());
    fields.put("state", owner == null ? "away" : "live");
    fields.put("connector", owner == null ? null : owner.connectorId());
    fields.put("incarnation", owner == null ? null : owner.incarnation());
    fields.put("epoch", session.epoch());
    fields.put(
        "expirySeconds",
        session.expirySeconds() == SessionStore.EXPIRY_NEVER ? "never" : session.expirySeconds());
    fields.put(
        "goesInSeconds",
        session.goesInSeconds().isPresent() ? session.goesInSeconds().getAsLong() : "never");
    return fields;
  }

  private static Table subscriptions(StoredSession session, Feeds feeds) {
    Table table = new Table("address", "qos", "noLocal", "cursor", "gap");
    for (StoredFeed feed : session.feeds()) {
      int partition = feeds.partitionOf(feed.name());
      var gap = feed.gap();
      for (StoredSubscription each : feed.subscriptions()) {
        table.row(
            each.filter(),
            SubscriptionOptions.of(each.options()).qos(),
            SubscriptionOptions.of(each.options()).noLocal(),
            partition + ":" + Math.max(feed.cursor(), each.from()),
            gap == null ? null : "%d:%d-%d".formatted(partition, gap.from(), gap.through()));
      }
    }
    return table;
  }

  private static Table inFlight(StoredSession session, Feeds feeds) {
    Table table = new Table("packetId", "feed", "position", "acknowledged");
    session
        .inFlight()
        .forEach(
            each ->
                table.row(
                    each.packetId(),
                    each.feed(),
                    feeds.partitionOf(each.feed()) + ":" + each.offset(),
                    each.acknowledged()));
    return table;
  }
}
