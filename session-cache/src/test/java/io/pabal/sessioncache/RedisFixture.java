// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.pabal.embedded.EmbeddedRedis;
import java.net.URI;
import java.nio.file.Path;

/** A Redis server for tests, and a plain client to look behind the module's back. */
public final class RedisFixture implements AutoCloseable {

  private final Path directory;
  private EmbeddedRedis server;
  private RedisClient client;
  private RedisCommands<String, String> commands;

  /** Starts a server that keeps its data in {@code directory}. */
  public RedisFixture(Path directory) {
    this.directory = directory;
    this.server = EmbeddedRedis.start(directory, 0);
    this.client = RedisClient.create(server.uri().toString());
    this.commands = client.connect().sync();
  }

  /** Where it listens. */
  public URI uri() {
    return server.uri();
  }

  /** The plain client. */
  public RedisCommands<String, String> commands() {
    return commands;
  }

  /** Stops the server; its data stay. */
  public void stop() {
    client.shutdown();
    server.close();
  }

  /** Starts it again after {@link #stop}, on the same port with the same data. */
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
