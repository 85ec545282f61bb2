// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One connection to Redis: to the one primary of a server or of Sentinel, or to all primaries of a
 * cluster. Thread-safe; nothing blocks.
 */
interface Primaries {

  /** The commands with keys. A cluster sends each to the primary that has its keys. */
  RedisClusterAsyncCommands<String, byte[]> commands();

  /** Whether several primaries share the keys. */
  boolean isCluster();

  /** Whether a command may reach Redis now; of a cluster not known, and thus true. */
  boolean isOpen();

  /** The primaries that have keys. */
  List<Primary> all();

  /** Why Redis does not serve, as far as that is known without a command. */
  Optional<String> problem();

  /** Takes the failure of a command: a changed primary is looked for. */
  void failed(Throwable failure);

  /**
   * Whether a command that was rejected may be sent again: it was redirected to a primary to which
   * the connection is not open yet, and no primary has seen it.
   */
  boolean isRedirecting();

  /**
   * One primary.
   *
   * @param name its address; empty for the only one
   * @param slots the number of the slots of Redis Cluster that it has
   * @param tag a hash tag of these slots
   * @param commands the commands that only this primary runs
   */
  record Primary(
      String name,
      int slots,
      String tag,
      CompletionStage<RedisClusterAsyncCommands<String, byte[]>> commands) {}
}
