// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import io.lettuce.core.KillArgs;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.function.Consumer;

/** A state in which a real Redis replies but refuses commands, or refuses connections. */
@SuppressWarnings("ImmutableEnumChecker") // the actions keep nothing
public enum RedisState {
  /** A replica whose primary does not exist. */
  READ_ONLY(
      "READONLY", redis -> redis.replicaof("127.0.0.1", 1), RedisClusterCommands::replicaofNoOne),
  /** A user that may not write. */
  NO_RIGHT_TO_WRITE(
      "the rights on the keys",
      redis -> acl(redis, "-@write", "+multi"),
      redis -> acl(redis, "+@all")),
  /** A user that may not read. */
  NO_RIGHT_TO_READ(
      "the rights on the keys", redis -> acl(redis, "-@read"), redis -> acl(redis, "+@all")),
  /** A user that may run no script. */
  NO_RIGHT_TO_RUN_SCRIPTS(
      "NOPERM", redis -> acl(redis, "-evalsha", "-eval"), redis -> acl(redis, "+@all")),
  /** A user that may use other keys only. */
  NO_RIGHT_TO_KEYS(
      "the rights on the keys",
      redis -> acl(redis, "resetkeys", "~other:*"),
      redis -> acl(redis, "allkeys")),
  /** No memory left. */
  FULL(
      "OOM",
      redis -> redis.configSet("maxmemory", "1"),
      redis -> redis.configSet("maxmemory", "0")),
  /** A password that the clients do not have. */
  PASSWORD(
      "NOAUTH",
      redis -> {
        redis.configSet("requirepass", "secret");
        redis.clientKill(KillArgs.Builder.typeNormal().skipme(true));
      },
      redis -> redis.configSet("requirepass", "")),
  /** Fewer replicas than min-replicas-to-write. */
  TOO_FEW_REPLICAS(
      "NOREPLICAS",
      redis -> redis.configSet("min-replicas-to-write", "1"),
      redis -> redis.configSet("min-replicas-to-write", "0"));

  /** A part of the problem that Pabal has to report in this state. */
  public final String said;

  @SuppressWarnings("ImmutableEnumChecker") // none of them captures anything
  private final Consumer<RedisClusterCommands<String, String>> begin;

  @SuppressWarnings("ImmutableEnumChecker") // none of them captures anything
  private final Consumer<RedisClusterCommands<String, String>> end;

  RedisState(
      String said,
      Consumer<RedisClusterCommands<String, String>> begin,
      Consumer<RedisClusterCommands<String, String>> end) {
    this.said = said;
    this.begin = begin;
    this.end = end;
  }

  /** Puts a server into this state. */
  public void begin(RedisClusterCommands<String, String> redis) {
    begin.accept(redis);
  }

  /** Takes a server out of this state. */
  public void end(RedisClusterCommands<String, String> redis) {
    end.accept(redis);
  }

  private static void acl(RedisClusterCommands<String, String> redis, String... rules) {
    var arguments = new CommandArgs<>(StringCodec.UTF8);
    arguments.add("SETUSER").add("default");
    for (String rule : rules) {
      arguments.add(rule);
    }
    var _ = redis.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments);
  }
}
