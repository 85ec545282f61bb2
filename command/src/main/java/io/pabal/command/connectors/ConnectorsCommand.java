// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.connectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The subcommands of {@code pabal connectors}. */
@Command(
    name = "connectors",
    mixinStandardHelpOptions = true,
    description = "Lists connectors, asks one to leave, removes one that will not come back.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ConnectorsListCommand.class,
      ConnectorsDrainCommand.class,
      ConnectorsRemoveCommand.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConnectorsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "connectors: no command (expected: list, drain or remove).");
  }
}
