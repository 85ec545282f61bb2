// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** A Redis server for tests, and a plain client to look behind the module's back. */
public final class RedisFixture implements AutoCloseable {

  private final Path directory;
  private EmbeddedRedis server;
  private RedisClient client;
  private RedisCommands<String, String> commands;

  /** Starts a server that keeps its data in {@code directory}. */
  public RedisFixture(Path directory) {
    this(directory, List.of());
  }

  /** Starts a server with further lines in its configuration file. */
  public RedisFixture(Path directory, List<String> settings) {
    this(directory, 0, settings);
  }

  private RedisFixture(Path directory, int port, List<String> settings) {
    this.directory = directory;
    this.server = EmbeddedRedis.start(directory, port, settings);
    this.client = RedisClient.create(server.uri().toString());
    this.commands = client.connect().sync();
  }

  /**
   * Starts a server in cluster mode, without slots. It listens on a second port, 10,000 above its
   * own, which an outgoing connection must not have taken.
   */
  public static RedisFixture cluster(Path directory) {
    int port = FreePort.find();
    while (port >= 22_000 || !FreePort.isFree(port + 10_000)) {
      port = FreePort.find();
    }
    return new RedisFixture(directory, port, List.of("cluster-enabled yes"));
  }

  /** The address of the server. */
  public URI uri() {
    return server.uri();
  }

  /** The plain client. */
  public RedisCommands<String, String> commands() {
    return commands;
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

  /** Stops the server; its data stay. */
  public void stop() {
    client.shutdown();
    server.close();
  }

  /** Starts the server again after {@link #stop}, on the same port with the same data. */
  public void startAgain() {
    server = EmbeddedRedis.start(directory, server.port());
    client = RedisClient.create(server.uri().toString());
    commands = client.connect().sync();
  }

  /** Stops the server's process with SIGSTOP: the kernel takes bytes, and no command runs. */
  public void freeze() {
    signal("-STOP");
  }

  /** Continues the frozen process. */
  public void thaw() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("kill", signal, Long.toString(server.pid())).inheritIO().start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
