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
      MicroCommand.class,
      NeighbourCommand.class,
      ReplayBenchCommand.class,
      RouterBenchCommand.class,
      StormCommand.class
    })
public final class BenchCommand {}
