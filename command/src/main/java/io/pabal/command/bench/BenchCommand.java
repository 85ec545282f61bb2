// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import picocli.CommandLine.Command;

/** {@code pabal bench}: measurements that anybody can repeat. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures any MQTT server that runs already (pairs, fanout, idle, resume, storm-connect), or a Pabal of its",
      "own on this machine (failover, neighbour, replay, storm)."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      PairsCommand.class,
      FanoutCommand.class,
      IdleCommand.class,
      ResumeCommand.class,
      StormConnectCommand.class,
      FailoverCommand.class,
      HoldCommand.class,
      HolderCommand.class,
      MicroCommand.class,
      NeighbourCommand.class,
      ReplayBenchCommand.class,
      RouterBenchCommand.class,
      StormCommand.class
    })
public final class BenchCommand {}
