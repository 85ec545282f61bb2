// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.foreground.Foreground;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pabal redis}: the Redis of {@code pabal up} as a process of its own, to be stopped and
 * killed in tests.
 */
@Command(
    name = "redis",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs only the Redis that 'pabal up' starts.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class RedisCommand implements Callable<Integer> {

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where its keys are kept.")
  private Path data;

  @Option(
      names = "--port",
      required = true,
      paramLabel = "PORT",
      description = "Its port, 0 for a free one.")
  private int port;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return Foreground.runOne(spec.commandLine(), "redis", () -> EmbeddedParts.redis(data, port));
  }
}
