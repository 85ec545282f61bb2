// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import picocli.CommandLine.Command;

/** {@code pabal bench}: measurements that anybody can repeat. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Pabal on this machine.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      FailoverCommand.class,
      HoldCommand.class,
      HolderCommand.class,
      NeighbourCommand.class,
      ReplayBenchCommand.class,
      StormCommand.class
    })
public final class BenchCommand {}
