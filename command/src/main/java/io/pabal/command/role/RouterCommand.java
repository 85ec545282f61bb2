// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.HttpKeys;
import io.pabal.command.config.Role;
import io.pabal.command.config.RouterKeys;
import io.pabal.command.config.setting.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code pabal router}: one router, which brings messages to the connectors that need them. */
@Command(
    name = "router",
    mixinStandardHelpOptions = true,
    description = "Runs one router, which brings messages to the connectors that need them.",
    footerHeading = "%nExamples:%n",
    footer = {"  pabal config router > router.yaml", "  pabal router --config router.yaml"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RouterCommand implements Callable<Integer> {

  @Mixin private final RoleOptions options = new RoleOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Settings settings = options.read(Role.ROUTER, spec.commandLine().getErr());
    var config = RouterKeys.config(settings);
    return RoleProcess.run(
        spec.commandLine(),
        "router",
        Roles.ROUTER,
        HttpKeys.router(settings),
        monitor -> Roles.router(config, monitor));
  }
}
