// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench;

import io.pabal.command.bench.pipeline.CatchUpCommand;
import io.pabal.command.bench.pipeline.FailoverCommand;
import io.pabal.command.bench.pipeline.HoldCommand;
import io.pabal.command.bench.pipeline.HolderCommand;
import io.pabal.command.bench.pipeline.NeighbourCommand;
import io.pabal.command.bench.pipeline.RedisBenchCommand;
import io.pabal.command.bench.pipeline.RedisFailoverCommand;
import io.pabal.command.bench.pipeline.ReplayBenchCommand;
import io.pabal.command.bench.pipeline.RestCommand;
import io.pabal.command.bench.pipeline.RouterBenchCommand;
import io.pabal.command.bench.pipeline.StormCommand;
import io.pabal.command.bench.server.BurstCommand;
import io.pabal.command.bench.server.FanoutCommand;
import io.pabal.command.bench.server.IdleCommand;
import io.pabal.command.bench.server.PairsCommand;
import io.pabal.command.bench.server.ResumeCommand;
import io.pabal.command.bench.server.StormConnectCommand;
import picocli.CommandLine.Command;

/** {@code pabal bench}: repeatable measurements. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures any MQTT server that runs already (pairs, fanout, burst, idle, resume, storm-connect), or a Pabal of its",
      "own on this machine (catch-up, failover, neighbour, redis, redis-failover, replay, rest, storm)."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      PairsCommand.class,
      FanoutCommand.class,
      BurstCommand.class,
      IdleCommand.class,
      ResumeCommand.class,
      StormConnectCommand.class,
      CatchUpCommand.class,
      FailoverCommand.class,
      HoldCommand.class,
      HolderCommand.class,
      MicroCommand.class,
      NeighbourCommand.class,
      RedisBenchCommand.class,
      RedisFailoverCommand.class,
      ReplayBenchCommand.class,
      RestCommand.class,
      RouterBenchCommand.class,
      StormCommand.class
    })
public final class BenchCommand {}
