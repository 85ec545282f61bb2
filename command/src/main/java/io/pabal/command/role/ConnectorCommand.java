// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.ConnectorKeys;
import io.pabal.command.config.HttpKeys;
import io.pabal.command.config.Role;
import io.pabal.command.config.TracingKeys;
import io.pabal.command.config.setting.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code pabal connector}: one connector, which holds the connections of MQTT clients. */
@Command(
    name = "connector",
    mixinStandardHelpOptions = true,
    description = "Runs one connector, which holds the connections of MQTT clients.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal config connector > connector.yaml",
      "  pabal connector --config connector.yaml"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ConnectorCommand implements Callable<Integer> {

  @Mixin private final RoleOptions options = new RoleOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Settings settings = options.read(Role.CONNECTOR, spec.commandLine().getErr());
    DirectMemoryLimit.set(
        ConnectorKeys.directMemoryBytes(settings).orElseGet(DirectMemoryLimit::bytesDefault));
    var config = ConnectorKeys.config(settings);
    var tracing = TracingKeys.tracing(settings).orElse(null);
    return RoleProcess.run(
        spec.commandLine(),
        "connector",
        config.id(),
        HttpKeys.connector(settings),
        monitor -> Roles.connector(config, tracing, monitor));
  }
}
