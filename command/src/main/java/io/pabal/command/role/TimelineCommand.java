// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.HttpKeys;
import io.pabal.command.config.Role;
import io.pabal.command.config.TimelineKeys;
import io.pabal.command.config.setting.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code pabal timeline}: one timeline writer, which keeps the newest messages of each address in
 * Redis.
 */
@Command(
    name = "timeline",
    mixinStandardHelpOptions = true,
    description =
        "Runs one timeline writer, which keeps the newest messages of each address in Redis.",
    footerHeading = "%nExamples:%n",
    footer = {"  pabal config timeline > timeline.yaml", "  pabal timeline --config timeline.yaml"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TimelineCommand implements Callable<Integer> {

  @Mixin private final RoleOptions options = new RoleOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Settings settings = options.read(Role.TIMELINE, spec.commandLine().getErr());
    var config = TimelineKeys.config(settings);
    return RoleProcess.run(
        spec.commandLine(),
        "timeline",
        Roles.TIMELINE,
        HttpKeys.timeline(settings),
        monitor -> Roles.timeline(config, monitor));
  }
}
