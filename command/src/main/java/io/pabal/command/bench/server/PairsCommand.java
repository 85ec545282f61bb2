// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.TrafficBench;
import io.pabal.bench.load.plan.TrafficPlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench pairs}: publishers and subscribers, one to one. */
@Command(
    name = "pairs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Publishes to subscribers one to one, on any MQTT server that runs already, and measures how many messages",
      "arrive and when. Without --rate each publisher has so many messages on their way as --window says, and goes",
      "on when they have arrived at the subscriber. Exits with 1 when a message was lost or came out of order, or a",
      "connection ended; duplicates are shown."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench pairs",
      "  pabal bench pairs --port 1884 --rate 5000 --persistent",
      "  pabal bench pairs --server-pid $(pidof mosquitto) --publish-qos 0 --subscribe-qos 0"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class PairsCommand implements Callable<Integer> {

  private static final int PAIRS_MAX = 100_000;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "100",
      description = "Publishers, and as many subscribers (default: 100).")
  private int pairs;

  @Option(
      names = "--publish-qos",
      paramLabel = "N",
      defaultValue = "1",
      description = "0 or 1 (default: 1).")
  private int publishQos;

  @Option(
      names = "--subscribe-qos",
      paramLabel = "N",
      defaultValue = "1",
      description = "0 or 1 (default: 1).")
  private int subscribeQos;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "10",
      description = "Without --rate: messages of one publisher on their way (default: 10).")
  private int window;

  @Mixin private TrafficOptions traffic;
  @Mixin private ServerOptions server;

  @Override
  public Integer call() throws Exception {
    between("--pairs", pairs, 1, PAIRS_MAX);
    TrafficPlan plan = traffic.plan("pairs", pairs, 1, publishQos, subscribeQos, window);
    return server.measure(
        plan.connections(), (target, progress) -> new TrafficBench(target, plan, progress).run());
  }
}
