// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.pipeline;

import io.pabal.bench.hold.Holder;
import io.pabal.command.ExitCode;
import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.ConnectorKeys;
import io.pabal.command.config.Role;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal bench holder}: the process that {@code pabal bench hold} measures. */
@Command(
    name = "holder",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs the connector and the clients of 'pabal bench hold'.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class HolderCommand implements Callable<Integer> {

  @Mixin private final HoldOptions load = new HoldOptions();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The connector's configuration.")
  private Path config;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Takes the figures.")
  private Path data;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var settings = ConfigReader.read(Role.CONNECTOR, config, Map.of());
    new Holder(load.load(), data, spec.commandLine().getOut()).run(ConnectorKeys.config(settings));
    return ExitCode.OK;
  }
}
