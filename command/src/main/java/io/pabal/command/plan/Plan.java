// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import static io.pabal.command.plan.UnitCost.ADDRESS_BYTES;
import static io.pabal.command.plan.UnitCost.BROKER_DISK_BYTES;
import static io.pabal.command.plan.UnitCost.BROKER_NETWORK_BYTES;
import static io.pabal.command.plan.UnitCost.BROKER_WRITE_BYTES;
import static io.pabal.command.plan.UnitCost.BYTES_PER_IDLE_SESSION;
import static io.pabal.command.plan.UnitCost.KAFKA_BYTES_PER_DELIVERY;
import static io.pabal.command.plan.UnitCost.KAFKA_BYTES_PER_MESSAGE;
import static io.pabal.command.plan.UnitCost.PACKETS_PER_CONNECTOR;
import static io.pabal.command.plan.UnitCost.RECORDS_PER_PARTITION;
import static io.pabal.command.plan.UnitCost.RECORDS_PER_ROUTER;
import static io.pabal.command.plan.UnitCost.REDIS_APPENDS_PER_SECOND;
import static io.pabal.command.plan.UnitCost.REDIS_BYTES_PER_MESSAGE;
import static io.pabal.command.plan.UnitCost.REDIS_BYTES_PER_SESSION;
import static io.pabal.command.plan.UnitCost.REDIS_BYTES_PER_SUBSCRIPTION;
import static io.pabal.command.plan.UnitCost.REDIS_BYTES_PER_TIMELINE;
import static io.pabal.command.plan.UnitCost.REDIS_CHECKPOINTS_PER_SECOND;
import static io.pabal.command.plan.UnitCost.REDIS_MEMORY_BYTES;
import static io.pabal.command.plan.UnitCost.SESSIONS_PER_CONNECTOR;
import static io.pabal.command.plan.UnitCost.WIRE_BYTES_PER_DELIVERY;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The computation of a plan, line by line. Later lines use the results of earlier lines. */
final class Plan {

  private static final int PARTITIONS_MAX = 10_000;

  /** The nodes, replicas included, that Redis's documentation recommends at most. */
  private static final int CLUSTER_NODES_MAX = 1_000;

  private static final int NODES_PER_PRIMARY = 2;
  private static final int BROKERS_MIN = 3;

  private final Load load;
  private final List<PlanLine> lines = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private Plan(Load load) {
    this.load = load;
  }

  static Plan of(Load load) {
    Plan plan = new Plan(load);
    double connectors = plan.connectors();
    plan.kafka(Math.min(load.fanout(), connectors));
    plan.redis();
    return plan;
  }

  List<PlanLine> lines() {
    return lines;
  }

  /** Remarks for the operator that the numbers do not show. */
  List<String> remarks() {
    return remarks;
  }

  private double connectors() {
    double bySessions =
        line(
            "connectors",
            "for the sessions",
            ceil(load.sessions(), SESSIONS_PER_CONNECTOR),
            "",
            "%s sessions / %s each".formatted(n(load.sessions()), n(SESSIONS_PER_CONNECTOR)),
            SESSIONS_PER_CONNECTOR);
    double packets = load.peakPerSecond() * (1 + load.fanout());
    double byPackets =
        line(
            "connectors",
            "for the packets at peak",
            ceil(packets, PACKETS_PER_CONNECTOR),
            "",
            "%s messages/s x (1 in + %s out) / %s packets/s each"
                .formatted(n(load.peakPerSecond()), n(load.fanout()), n(PACKETS_PER_CONNECTOR)),
            PACKETS_PER_CONNECTOR);
    double needed = Math.max(bySessions, byPackets);
    double connectors =
        line(
            "connectors",
            "connectors",
            needed + Math.ceil(needed / 10),
            "",
            "the greater one, and a tenth more for those that are away",
            SESSIONS_PER_CONNECTOR,
            PACKETS_PER_CONNECTOR);
    line(
        "connectors",
        "memory for idle sessions, each",
        load.sessions() / needed * BYTES_PER_IDLE_SESSION.value(),
        "B",
        "%s sessions / %s x %s".formatted(n(load.sessions()), n(needed), b(BYTES_PER_IDLE_SESSION)),
        BYTES_PER_IDLE_SESSION);
    double wire = load.payloadBytes() + ADDRESS_BYTES.value() + WIRE_BYTES_PER_DELIVERY.value();
    line(
        "connectors",
        "network to clients at peak, each",
        load.peakPerSecond() * load.fanout() * wire / needed,
        "B/s",
        "%s x %s x (%s payload + %s address + %s) / %s"
            .formatted(
                n(load.peakPerSecond()),
                n(load.fanout()),
                b(load.payloadBytes()),
                b(ADDRESS_BYTES),
                b(WIRE_BYTES_PER_DELIVERY),
                n(needed)),
        WIRE_BYTES_PER_DELIVERY,
        ADDRESS_BYTES);
    return connectors;
  }

  private void kafka(double deliveriesPerMessage) {
    double content = load.payloadBytes() + ADDRESS_BYTES.value();
    double message =
        line(
            "kafka",
            "a message in messages",
            content + KAFKA_BYTES_PER_MESSAGE.value(),
            "B",
            "%s payload + %s address + %s"
                .formatted(b(load.payloadBytes()), b(ADDRESS_BYTES), b(KAFKA_BYTES_PER_MESSAGE)),
            KAFKA_BYTES_PER_MESSAGE);
    double delivery =
        line(
            "kafka",
            "a message in deliveries.*",
            content + KAFKA_BYTES_PER_DELIVERY.value(),
            "B",
            "%s payload + %s address + %s"
                .formatted(b(load.payloadBytes()), b(ADDRESS_BYTES), b(KAFKA_BYTES_PER_DELIVERY)),
            KAFKA_BYTES_PER_DELIVERY);
    double deliveries =
        line(
            "kafka",
            "records in deliveries.* at peak",
            load.peakPerSecond() * deliveriesPerMessage,
            "records/s",
            "%s messages/s x %s, if every recipient is on another connector"
                .formatted(n(load.peakPerSecond()), n(deliveriesPerMessage)));
    double in =
        line(
            "kafka",
            "written by producers at peak",
            load.peakPerSecond() * message + deliveries * delivery,
            "B/s",
            "%s x %s + %s x %s"
                .formatted(n(load.peakPerSecond()), b(message), n(deliveries), b(delivery)),
            KAFKA_BYTES_PER_MESSAGE,
            KAFKA_BYTES_PER_DELIVERY);
    double written =
        line(
            "kafka",
            "received and written by brokers at peak",
            in * load.replicas(),
            "B/s",
            "%s x %d replicas".formatted(b(in) + "/s", load.replicas()),
            KAFKA_BYTES_PER_MESSAGE);
    double out =
        line(
            "kafka",
            "sent by brokers at peak",
            2 * load.peakPerSecond() * message + deliveries * delivery + in * (load.replicas() - 1),
            "B/s",
            "router, timeline writer and connectors read once, replicas %d times"
                .formatted(load.replicas() - 1),
            KAFKA_BYTES_PER_MESSAGE);
    double disk =
        line(
            "kafka",
            "disk for messages",
            load.messagesPerSecond() * seconds(load.retention()) * message * load.replicas(),
            "B",
            "%s messages/s x %s s x %s x %d replicas"
                .formatted(
                    n(load.messagesPerSecond()),
                    n(seconds(load.retention())),
                    b(message),
                    load.replicas()),
            KAFKA_BYTES_PER_MESSAGE);
    double deliveriesDisk =
        line(
            "kafka",
            "disk for deliveries.*",
            load.messagesPerSecond() * deliveriesPerMessage * 3_600 * delivery * load.replicas(),
            "B",
            "%s records/s x 3,600 s x %s x %d replicas"
                .formatted(
                    n(load.messagesPerSecond() * deliveriesPerMessage),
                    b(delivery),
                    load.replicas()),
            KAFKA_BYTES_PER_DELIVERY);
    double byNetwork =
        line(
            "kafka",
            "brokers for the network",
            ceil(Math.max(written, out), BROKER_NETWORK_BYTES),
            "",
            "%s/s / %s/s each".formatted(b(Math.max(written, out)), b(BROKER_NETWORK_BYTES)),
            BROKER_NETWORK_BYTES);
    double byWriting =
        line(
            "kafka",
            "brokers for writing",
            ceil(written, BROKER_WRITE_BYTES),
            "",
            "%s/s / %s/s each".formatted(b(written), b(BROKER_WRITE_BYTES)),
            BROKER_WRITE_BYTES);
    double byDisk =
        line(
            "kafka",
            "brokers for the disk",
            ceil(disk + deliveriesDisk, BROKER_DISK_BYTES),
            "",
            "%s / %s each".formatted(b(disk + deliveriesDisk), b(BROKER_DISK_BYTES)),
            BROKER_DISK_BYTES);
    line(
        "kafka",
        "brokers",
        Math.max(BROKERS_MIN, Math.max(byNetwork, Math.max(byWriting, byDisk)) + 1),
        "",
        "the greatest one, and one that may be away; at least %d".formatted(BROKERS_MIN),
        BROKER_WRITE_BYTES);
    double partitions =
        line(
            "kafka",
            "partitions of messages",
            ceil(load.peakPerSecond(), RECORDS_PER_PARTITION),
            "",
            "%s messages/s / %s each".formatted(n(load.peakPerSecond()), n(RECORDS_PER_PARTITION)),
            RECORDS_PER_PARTITION);
    line(
        "kafka",
        "routers",
        ceil(deliveries, RECORDS_PER_ROUTER) + 1,
        "",
        "%s records/s / %s each, and one that may be away"
            .formatted(n(deliveries), n(RECORDS_PER_ROUTER)),
        RECORDS_PER_ROUTER);
    remarks.add(
        "Partitions are fixed for life: plan them for the greatest load that this cluster will ever carry.");
    if (partitions > PARTITIONS_MAX) {
      remarks.add(
          "topics.partitions takes at most %,d: this load needs more than one cluster."
              .formatted(PARTITIONS_MAX));
    }
  }

  private void redis() {
    double session =
        REDIS_BYTES_PER_SESSION.value()
            + load.subscriptions() * REDIS_BYTES_PER_SUBSCRIPTION.value();
    double sessions =
        line(
            "redis",
            "memory for sessions",
            load.sessions() * session,
            "B",
            "%s sessions x (%s + %s subscriptions x %s)"
                .formatted(
                    n(load.sessions()),
                    b(REDIS_BYTES_PER_SESSION),
                    n(load.subscriptions()),
                    b(REDIS_BYTES_PER_SUBSCRIPTION)),
            REDIS_BYTES_PER_SESSION);
    double kept =
        line(
            "redis",
            "messages in timelines",
            Math.min(
                load.addresses() * load.timelineMessagesMax(),
                load.messagesPerSecond() * seconds(load.timelineAge())),
            "messages",
            "the lower of %s addresses x %s and %s messages/s x %s s"
                .formatted(
                    n(load.addresses()),
                    n(load.timelineMessagesMax()),
                    n(load.messagesPerSecond()),
                    n(seconds(load.timelineAge()))));
    double entry = load.payloadBytes() + ADDRESS_BYTES.value() + REDIS_BYTES_PER_MESSAGE.value();
    double timelines =
        line(
            "redis",
            "memory for timelines",
            kept * entry + load.addresses() * REDIS_BYTES_PER_TIMELINE.value(),
            "B",
            "%s messages x (%s payload + %s address + %s) + %s addresses x %s"
                .formatted(
                    n(kept),
                    b(load.payloadBytes()),
                    b(ADDRESS_BYTES),
                    b(REDIS_BYTES_PER_MESSAGE),
                    n(load.addresses()),
                    b(REDIS_BYTES_PER_TIMELINE)),
            REDIS_BYTES_PER_MESSAGE);
    double checkpoints =
        line(
            "redis",
            "checkpoints at peak",
            Math.min(load.sessions(), load.peakPerSecond() * load.fanout()),
            "checkpoints/s",
            "each session that got something, once a second (mqtt.checkpointIntervalSeconds: 1)");
    double byMemory =
        line(
            "redis",
            "primaries for the memory",
            ceil(sessions + timelines, REDIS_MEMORY_BYTES),
            "",
            "%s / %s each".formatted(b(sessions + timelines), b(REDIS_MEMORY_BYTES)),
            REDIS_MEMORY_BYTES);
    double appending =
        line(
            "redis",
            "work of timeline appends at peak",
            100 * load.peakPerSecond() / REDIS_APPENDS_PER_SECOND.value(),
            "% of a primary",
            "%s/s / %s/s each".formatted(n(load.peakPerSecond()), n(REDIS_APPENDS_PER_SECOND)),
            REDIS_APPENDS_PER_SECOND);
    double writing =
        line(
            "redis",
            "work of checkpoints at peak",
            100 * checkpoints / REDIS_CHECKPOINTS_PER_SECOND.value(),
            "% of a primary",
            "%s/s / %s/s each".formatted(n(checkpoints), n(REDIS_CHECKPOINTS_PER_SECOND)),
            REDIS_CHECKPOINTS_PER_SECOND);
    double primaries =
        line(
            "redis",
            "primaries",
            Math.max(byMemory, Math.ceil((appending + writing) / 100)),
            "",
            "the greater of memory and work (appends and checkpoints together)",
            REDIS_MEMORY_BYTES);
    line(
        "redis", "replicas", primaries, "", "one for each primary; a replica takes as much memory");
    if (primaries * NODES_PER_PRIMARY > CLUSTER_NODES_MAX) {
      remarks.add(
          "TOO MANY FOR ONE REDIS CLUSTER: about %,d nodes are what it is made for. Lower timeline.ageMaxHours or timeline.messagesPerAddressMax, raise mqtt.checkpointIntervalSeconds, or split the load."
              .formatted(CLUSTER_NODES_MAX));
    } else if (primaries > 1) {
      remarks.add("More than one primary: a Redis Cluster (redis.uri: redis-cluster://...).");
    }
  }

  private double line(
      String part, String what, double value, String unit, String working, UnitCost... costs) {
    Basis weakest =
        Arrays.stream(costs)
            .map(UnitCost::basis)
            .max(Comparator.naturalOrder())
            .orElse(Basis.COMPUTED);
    lines.add(new PlanLine(part, what, value, unit, working, weakest));
    return value;
  }

  private static double seconds(Duration time) {
    return (double) time.toSeconds();
  }

  private static double ceil(double amount, UnitCost each) {
    return Math.max(1, Math.ceil(amount / each.value()));
  }

  private static String n(double number) {
    return Amount.print(number, "");
  }

  private static String n(UnitCost cost) {
    return n(cost.value());
  }

  private static String b(double bytes) {
    return Amount.print(bytes, "B");
  }

  private static String b(UnitCost cost) {
    return b(cost.value());
  }
}
