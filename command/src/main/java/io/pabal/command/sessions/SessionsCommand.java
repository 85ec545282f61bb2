// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.sessions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pabal sessions}: its subcommands. */
@Command(
    name = "sessions",
    mixinStandardHelpOptions = true,
    description = "Lists stored sessions, shows one, ends a connection.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SessionsListCommand.class, SessionsShowCommand.class, SessionsKickCommand.class})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class SessionsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "sessions: no command (expected: list, show or kick).");
  }
}
