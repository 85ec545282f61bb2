// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.foreground.Foreground;
import io.pabal.embedded.GroupSettings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pabal broker}: the Kafka of {@code pabal up} as a process of its own, to be stopped and
 * killed in tests.
 */
@Command(
    name = "broker",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs only the Kafka that 'pabal up' starts.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class BrokerCommand implements Callable<Integer> {

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where its log is kept.")
  private Path data;

  @Option(
      names = "--port",
      required = true,
      paramLabel = "PORT",
      description = "Its port, 0 for a free one.")
  private int port;

  @Option(
      names = "--stock-groups",
      description = "Leave the settings of consumer groups as Kafka's defaults are.")
  private boolean stockGroups;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    GroupSettings groups = stockGroups ? GroupSettings.STOCK : GroupSettings.QUICK;
    return Foreground.runOne(
        spec.commandLine(), "kafka", () -> EmbeddedParts.kafka(data, port, groups));
  }
}
