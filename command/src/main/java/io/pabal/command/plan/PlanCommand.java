// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

import static io.pabal.command.Bounds.between;

import io.pabal.command.UsageException;
import io.pabal.command.output.Format;
import io.pabal.command.output.Json;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Table;
import io.pabal.command.position.Position;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal plan}: how much a load needs. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reckons how many connectors, brokers, partitions, routers and Redis primaries a load needs.",
      "Every line shows its working and the weakest figure that it rests on: MEASURED, COMPUTED,",
      "TARGET (what Pabal is designed for, not yet measured) or ASSUMED. Starts and asks nothing."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal plan --sessions 40M --rate 500K --peak 6.5M --fanout 3",
      "  pabal plan --sessions 100K --rate 2K --timeline-age 24h --format json",
      "  pabal plan --sessions 1M --rate 20K --costs"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class PlanCommand implements Runnable {

  @Option(
      names = "--sessions",
      required = true,
      paramLabel = "N",
      converter = Amount.class,
      description = "Sessions connected at once: 40M.")
  private long sessions;

  @Option(
      names = "--rate",
      required = true,
      paramLabel = "N",
      converter = Amount.class,
      description = "Messages published per second, on average: 500K.")
  private long rate;

  @Option(
      names = "--peak",
      paramLabel = "N",
      converter = Amount.class,
      description = "Messages per second at peak (default: the rate).")
  private @Nullable Long peak;

  @Option(
      names = "--fanout",
      paramLabel = "N",
      defaultValue = "1",
      description = "Live sessions that a message reaches, on average (default: 1).")
  private double fanout;

  @Option(
      names = "--payload-bytes",
      paramLabel = "N",
      defaultValue = "256",
      converter = Amount.class,
      description = "Payload of a message, on average (default: 256).")
  private long payloadBytes;

  @Option(
      names = "--retention",
      paramLabel = "TIME",
      defaultValue = "7d",
      description = "How long Kafka keeps messages: 7d, 36h (default: 7d).")
  private String retention;

  @Option(
      names = "--subscriptions",
      paramLabel = "N",
      defaultValue = "3",
      converter = Amount.class,
      description = "Subscriptions of a session, on average (default: 3).")
  private long subscriptions;

  @Option(
      names = "--addresses",
      paramLabel = "N",
      converter = Amount.class,
      description = "Addresses that messages are sent to (default: as many as sessions).")
  private @Nullable Long addresses;

  @Option(
      names = "--timeline-messages",
      paramLabel = "N",
      defaultValue = "10K",
      converter = Amount.class,
      description = "timeline.messagesPerAddressMax (default: 10K).")
  private long timelineMessages;

  @Option(
      names = "--timeline-age",
      paramLabel = "TIME",
      defaultValue = "12h",
      description = "timeline.ageMaxHours (default: 12h).")
  private String timelineAge;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "3",
      description = "Kafka's replication factor (default: 3).")
  private int replicas;

  @Option(names = "--costs", description = "Print the unit costs and where they come from, too.")
  private boolean costs;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Load load = load();
    Plan plan = Plan.of(load);
    Table unitCosts = unitCosts();
    PrintWriter out = spec.commandLine().getOut();
    if (output.format() == Format.JSON) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("lines", numbers(plan).toJson());
      document.put("remarks", plan.remarks());
      document.put("unitCosts", unitCosts.toJson());
      out.println(Json.document(document));
    } else {
      var ansi = spec.commandLine().getColorScheme().ansi();
      Table table = new Table("part", "what", "result", "basis", "working");
      plan.lines()
          .forEach(
              line ->
                  table.row(
                      line.part(),
                      line.what(),
                      Amount.print(line.value(), line.unit()),
                      line.basis().name(),
                      line.working()));
      table.printText(out, ansi);
      out.println();
      plan.remarks().forEach(out::println);
      if (costs) {
        out.println();
        unitCosts.printText(out, ansi);
      }
    }
    out.flush();
  }

  private Load load() {
    long atPeak = peak == null ? rate : peak;
    between("--sessions", sessions, 1, 10_000_000_000L);
    between("--rate", rate, 1, 1_000_000_000);
    between("--peak", atPeak, rate, 1_000_000_000);
    between("--payload-bytes", payloadBytes, 0, 1_000_000);
    between("--subscriptions", subscriptions, 0, 10_000);
    between("--replicas", replicas, 1, 9);
    between("--timeline-messages", timelineMessages, 1, 1_000_000);
    long sentTo = addresses == null ? sessions : addresses;
    between("--addresses", sentTo, 1, 100_000_000_000L);
    between("--fanout", fanout, 0, 1_000_000);
    return new Load(
        (double) sessions,
        (double) rate,
        (double) atPeak,
        fanout,
        (double) payloadBytes,
        duration("--retention", retention),
        (double) subscriptions,
        (double) sentTo,
        (double) timelineMessages,
        duration("--timeline-age", timelineAge),
        replicas);
  }

  private static Duration duration(String flag, String text) {
    try {
      if (Position.parse("-" + text) instanceof Position.Ago(Duration age) && age.isPositive()) {
        return age;
      }
    } catch (IllegalArgumentException e) {
      // The error below names this flag.
    }
    throw new UsageException("%s: %s (expected: a time such as 7d or 36h).".formatted(flag, text));
  }

  private static Table numbers(Plan plan) {
    Table table = new Table("part", "what", "value", "unit", "basis", "working");
    plan.lines()
        .forEach(
            line ->
                table.row(
                    line.part(),
                    line.what(),
                    line.value(),
                    line.unit(),
                    line.basis().name(),
                    line.working()));
    return table;
  }

  private static Table unitCosts() {
    Table table = new Table("cost", "value", "unit", "basis", "source");
    for (UnitCost cost : UnitCost.values()) {
      table.row(cost.name(), cost.value(), cost.unit(), cost.basis().name(), cost.source());
    }
    return table;
  }
}
