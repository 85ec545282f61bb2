// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.cluster.RedisConsole;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * The Redis of a test, and a plain client to look behind the module's back: a server of its own, or
 * a cluster of three primaries that all tests of this JVM share ({@code
 * -Dpabal.test.redis=cluster}, see {@link SharedCluster}).
 */
public final class RedisFixture implements AutoCloseable {

  /** The name of the system property, for {@link DisabledIfSystemProperty}. */
  public static final String KIND = "pabal.test.redis";

  /** The value of the system property with which tests run on a cluster. */
  public static final String CLUSTER = "cluster";

  private final Servers servers;

  /** An empty Redis, which may keep its data in {@code directory}. */
  public RedisFixture(Path directory) {
    servers = isCluster() ? SharedCluster.get() : new Single(directory, List.of());
    servers.commands().flushall();
  }

  private RedisFixture(Servers servers) {
    this.servers = servers;
  }

  /** A server of its own, with further lines in its configuration file. */
  public static RedisFixture single(Path directory, String... settings) {
    return new RedisFixture(new Single(directory, List.of(settings)));
  }

  /** Whether tests run on a cluster. */
  public static boolean isCluster() {
    return CLUSTER.equals(System.getProperty(KIND));
  }

  /** The address. */
  public URI uri() {
    return servers.uri();
  }

  /** The plain client. */
  public RedisClusterCommands<String, String> commands() {
    return servers.commands();
  }

  /** Sets a setting of all servers. */
  public void configure(String name, String value) {
    for (int port : servers.ports()) {
      try {
        RedisConsole.ask(port, "CONFIG", "SET", name, value);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Runs a command that the client has no method for, on a connection of its own. */
  public static void dispatch(URI uri, String command, String... arguments) {
    RedisClient own = RedisClient.create(uri.toString());
    try (var connection = own.connect()) {
      var all = new CommandArgs<>(StringCodec.UTF8);
      for (String argument : arguments) {
        all.add(argument);
      }
      connection
          .sync()
          .dispatch(CommandType.valueOf(command), new StatusOutput<>(StringCodec.UTF8), all);
    } finally {
      own.shutdown();
    }
  }

  /** Stops all servers; their data stay. */
  public void stop() {
    servers.stop();
  }

  /** Starts the servers again after {@link #stop}, on the same ports with the same data. */
  public void startAgain() {
    servers.startAgain();
  }

  /** Stops the processes with SIGSTOP: the kernel takes bytes, and no command runs. */
  public void freeze() {
    servers.pids().forEach(pid -> signal("-STOP", pid));
  }

  /** Continues the frozen processes. */
  public void thaw() {
    servers.pids().forEach(pid -> signal("-CONT", pid));
  }

  /** Sends a signal to a process. */
  static void signal(String signal, long pid) {
    try {
      new ProcessBuilder("kill", signal, Long.toString(pid)).inheritIO().start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    servers.close();
  }

  /** The servers behind a fixture. */
  interface Servers {
    URI uri();

    RedisClusterCommands<String, String> commands();

    List<Long> pids();

    List<Integer> ports();

    void stop();

    void startAgain();

    void close();
  }

  private static final class Single implements Servers {
    private final Path directory;
    private EmbeddedRedis server;
    private RedisClient client;
    private RedisClusterCommands<String, String> commands;

    Single(Path directory, List<String> settings) {
      this.directory = directory;
      this.server = EmbeddedRedis.start(directory, 0, settings);
      this.client = RedisClient.create(server.uri().toString());
      this.commands = client.connect().sync();
    }

    @Override
    public URI uri() {
      return server.uri();
    }

    @Override
    public RedisClusterCommands<String, String> commands() {
      return commands;
    }

    @Override
    public List<Long> pids() {
      return List.of(server.pid());
    }

    @Override
    public List<Integer> ports() {
      return List.of(server.port());
    }

    @Override
    public void stop() {
      client.shutdown();
      server.close();
    }

    @Override
    public void startAgain() {
      server = EmbeddedRedis.start(directory, server.port());
      client = RedisClient.create(server.uri().toString());
      commands = client.connect().sync();
    }

    @Override
    public void close() {
      stop();
    }
  }
}
