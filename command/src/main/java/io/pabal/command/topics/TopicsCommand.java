// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pabal topics}: its subcommands. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists Pabal's topics, and checks that they are as the promise needs them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TopicsListCommand.class, TopicsCheckCommand.class})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TopicsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "topics: no command (expected: list or check).");
  }
}
