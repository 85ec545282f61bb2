// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.TrafficBench;
import io.pabal.bench.load.plan.TrafficPlan;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench fanout}: one address with many subscribers. */
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Publishes to one address with many subscribers at QoS 1, on any MQTT server that runs already, and measures",
      "deliveries. Without --rate the publisher has so many messages on their way as --window says, and goes on when",
      "all subscribers have them. Exits with 1 when a message was lost or came out of order, or a connection ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench fanout",
      "  pabal bench fanout --subscribers 10000 --rate 5",
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class FanoutCommand implements Callable<Integer> {

  private static final int SUBSCRIBERS_MAX = 1_000_000;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Subscribers of the address (default: 1000).")
  private int subscribers;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "100",
      description = "Without --rate: messages that not all subscribers have yet (default: 100).")
  private int window;

  @Mixin private TrafficOptions traffic;
  @Mixin private ServerOptions server;

  @Override
  public Integer call() throws Exception {
    between("--subscribers", subscribers, 1, SUBSCRIBERS_MAX);
    TrafficPlan plan = traffic.plan("fanout", 1, subscribers, 1, 1, window);
    return server.measure(
        plan.connections(), (target, progress) -> new TrafficBench(target, plan, progress).run());
  }
}
