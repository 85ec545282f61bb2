// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.foreground.Foreground;
import io.pabal.command.log.Logs;
import io.pabal.command.role.DirectMemoryLimit;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.cluster.EmbeddedRedisCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code pabal up}: everything in the foreground in one process, on loopback. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Runs everything on this machine, in the foreground: Kafka, Redis, timeline writer, router,"
          + " connectors.",
      "For trying out and developing: any user name is accepted without a password, and only"
          + " loopback is bound."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal up",
      "  pabal up --connectors 2            c1 on port 1883, c2 on port 1884",
      "  pabal up --fresh                   forget what was kept",
      "  pabal up --redis-primaries 3 --redis-replicas 1   on a Redis Cluster of six nodes",
      "  pabal up --registry                with a schema registry on port 8081",
      "  pabal up --port 0 --kafka-port 0 --redis-port 0 --http-port 0 --data /tmp/pabal",
      "",
      "Then, from another shell:",
      "  mosquitto_sub -t rooms/lobby -q 1 -V 5",
      "  mosquitto_pub -t rooms/lobby -q 1 -V 5 -m hello"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class UpCommand implements Callable<Integer> {

  @Mixin private final UpOptions options = new UpOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    options.check();
    try (DataDirectory data = DataDirectory.open(options.data)) {
      EmbeddedRedis.endLeftBehind(data.redis());
      EmbeddedRedisCluster.endLeftBehind(data.redisCluster());
      PortCheck.check(options);
      if (options.fresh) {
        data.clear();
      }
      RedisDataCheck.check(options, data);
      Logs.toFile(data.log());
      DirectMemoryLimit.set(DirectMemoryLimit.bytesDefault());
      PrintWriter out = spec.commandLine().getOut();
      return Foreground.run(spec.commandLine().getErr(), new AllInOne(options, data, out));
    }
  }
}
