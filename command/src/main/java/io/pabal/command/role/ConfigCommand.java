// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.ExampleConfig;
import io.pabal.command.config.Role;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal config}: an example configuration. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Prints an example configuration with every key explained.",
    footerHeading = "%nExamples:%n",
    footer = {"  pabal config connector > connector.yaml"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConfigCommand implements Runnable {

  @Parameters(
      paramLabel = "ROLE",
      description = "${COMPLETION-CANDIDATES}",
      converter = RoleConverter.class,
      completionCandidates = RoleConverter.class)
  private Role role;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(ExampleConfig.of(role));
    spec.commandLine().getOut().flush();
  }
}
