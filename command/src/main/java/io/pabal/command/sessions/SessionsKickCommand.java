// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.sessions;

import io.pabal.command.ExitCode;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Printable;
import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.clock.BrokerTime;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.SessionCacheConfig;
import io.pabal.sessioncache.session.Owner;
import io.pabal.sessioncache.session.SessionDirectory;
import io.pabal.sessioncache.session.StoredSession;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal sessions kick}: ends a client's connection, on any connector. */
@Command(
    name = "kick",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends a client's connection. An MQTT 5 client is told 0x98, Administrative action; for 3.1.1",
      "the socket closes. The session is kept, and nothing keeps the client from coming back at once.",
      "With --delete the session goes as well: its subscriptions, cursors and what it has missed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal sessions kick bob",
      "  pabal sessions kick bob --delete --dry-run",
      "  pabal sessions kick bob --delete --force"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class SessionsKickCommand implements Callable<Integer> {

  private static final int ANSWER_SECONDS_MAX = 10;
  private static final int POLL_MILLIS = 100;

  @Parameters(paramLabel = "CLIENT_ID", description = "The MQTT client identifier.")
  private String clientId;

  @Option(
      names = "--delete",
      description = "Delete what is stored of the session, too; wants --force.")
  private boolean delete;

  @Option(names = "--force", description = "Do delete.")
  private boolean force;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Spec private CommandSpec spec;

  private PrintWriter err;

  @Override
  public Integer call() throws InterruptedException {
    err = spec.commandLine().getErr();
    // Only a deletion writes an event. The registry is connected before anything is deleted.
    boolean willDelete = delete && force && !dryRun;
    try (SessionDirectory directory =
            SessionDirectory.connect(SessionCacheConfig.of(clusterOptions.redisUri()));
        Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry =
            willDelete ? clusterOptions.registry() : SchemaRegistry.connect(null)) {
      StoredSession session = SessionsShowCommand.get(directory, clientId);
      if (dryRun) {
        say("would " + plan(session));
        return ExitCode.OK;
      }
      if (delete && !force) {
        throw new UsageException(
            "%s: would %s. Add --force to do it.".formatted(Printable.of(clientId), plan(session)));
      }
      return delete
          ? delete(cluster, directory, session, registry.codecs().sessionEvent())
          : kick(cluster, directory, session);
    }
  }

  private String plan(StoredSession session) {
    Owner owner = session.owner();
    String connection =
        owner == null
            ? "find the client away already"
            : "end its connection on " + owner.connectorId();
    return delete
        ? "%s and delete the session with %d subscriptions"
            .formatted(connection, session.subscriptionCount())
        : connection;
  }

  private int kick(Cluster cluster, SessionDirectory directory, StoredSession session)
      throws InterruptedException {
    Owner owner = session.owner();
    if (owner == null) {
      say("%s is away, there is no connection to end".formatted(clientId));
      return ExitCode.OK;
    }
    if (tell(cluster, owner, session.epoch())) {
      long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
      while (System.nanoTime() < deadlineNanos) {
        Optional<StoredSession> now = directory.find(clientId);
        if (now.isEmpty() || now.get().epoch() != session.epoch() || now.get().owner() == null) {
          say("%s is disconnected from %s".formatted(clientId, owner.connectorId()));
          return ExitCode.OK;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
    say(
        "%s is held by %s (incarnation %d), which does not answer within %d s. If it has crashed, there is no connection to end."
            .formatted(clientId, owner.connectorId(), owner.incarnation(), ANSWER_SECONDS_MAX));
    return ExitCode.FAILED;
  }

  /**
   * Deletes the session first, so that a client that connects from now on begins a new session.
   * Then asks the session's connector to end the remaining connection.
   */
  private int delete(
      Cluster cluster,
      SessionDirectory directory,
      StoredSession session,
      AvroCodec<SessionEvent> codec) {
    if (!directory.forget(clientId, session.epoch())) {
      say("%s was claimed again meanwhile, nothing is deleted. Try again.".formatted(clientId));
      return ExitCode.FAILED;
    }
    say("%s is deleted".formatted(clientId));
    Owner owner = session.owner();
    if (owner != null && tell(cluster, owner, session.epoch())) {
      say("%s is told to end its connection".formatted(owner.connectorId()));
    }
    cluster.send(
        new ProducerRecord<>(
            TopicCatalogue.SESSIONS,
            clientId.getBytes(StandardCharsets.UTF_8),
            codec.encode(expired(session))));
    return ExitCode.OK;
  }

  /** Sends the kick to the owner's connector. False when the connector has no deliveries topic. */
  private boolean tell(Cluster cluster, Owner owner, long epoch) {
    String topic = TopicCatalogue.deliveriesTopic(owner.connectorId());
    if (!cluster.topicNames().contains(topic)) {
      return false;
    }
    var kick = new DeliveryHeader.Kick(epoch, delete);
    cluster.send(
        new ProducerRecord<>(
            topic,
            0,
            clientId.getBytes(StandardCharsets.UTF_8),
            null,
            List.of(new RecordHeader(DeliveryHeader.NAME, kick.toBytes()))));
    return true;
  }

  /** An event that is later than every event of the session's last owner, by its epoch. */
  private static SessionEvent expired(StoredSession session) {
    return SessionEvent.newBuilder()
        .setKind(SessionEventKind.EXPIRED)
        .setAt(BrokerTime.now())
        .setClientId(session.clientId())
        .setEpoch(session.epoch() + 1)
        .setConnectorId("")
        .setIncarnation(0)
        .setReason("administrative")
        .build();
  }

  private void say(String text) {
    err.println("pabal: " + Printable.of(text));
  }
}
