// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.PartitionSelectorException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why Redis does not serve Pabal, as a text for operators: Redis's error, and the remedy. The text
 * contains no address and no password.
 */
public final class RedisProblem {

  /** A state of the server. Redis's error contains {@code sign}; {@code advice} is the remedy. */
  private record State(String sign, String advice) {}

  private static final String REPLICA = "READONLY";
  private static final String REPLICA_ALONE = "MASTERDOWN";
  private static final String TRY_AGAIN = "TRYAGAIN";
  private static final String LATE = "Timeout after";
  private static final String REJECTED = "Commands are rejected";

  /** Redis 7 reports READONLY, NOPERM and OOM of a script's command within other texts. */
  private static final List<State> STATES =
      List.of(
          new State(
              REPLICA, "It is a replica. Wait for a failover, or give the primary's address."),
          new State(
              "the 'cluster'", "Give this user the right to run CLUSTER NODES (ACL SETUSER)."),
          new State("cluster|", "Give this user the right to run CLUSTER NODES (ACL SETUSER)."),
          new State("NOPERM", "Give this user the rights on the keys pabal:* (ACL SETUSER)."),
          new State(
              "The user executing the script",
              "Give this user the rights on the keys pabal:* (ACL SETUSER)."),
          new State("ACL failure", "Give this user the rights on the keys pabal:* (ACL SETUSER)."),
          new State("OOM ", "Its memory is full. Raise its maxmemory, or free memory."),
          new State("NOAUTH", "Set user name and password in redis.uri."),
          new State("WRONGPASS", "Correct user name and password in redis.uri."),
          new State("LOADING", "It still reads its file. Wait until it has."),
          new State("MISCONF", "It cannot write its file. See its log and its disk."),
          new State("NOREPLICAS", "It has too few replicas (min-replicas-to-write). Start them."),
          new State(
              REPLICA_ALONE, "It is a replica without its primary. Give the primary's address."),
          new State(
              "CLUSTERDOWN",
              "The Redis Cluster serves no key, or not these. Start the primaries that are down, or give it all slots."),
          new State(TRY_AGAIN, "The slot is being moved. Wait until it has moved."),
          new State(
              "Cannot determine a partition",
              "The slot has no primary. Start it, or let a replica take over."),
          new State("CROSSSLOT", "It is a Redis Cluster. Use redis-cluster://HOST:PORT."),
          new State("MOVED", "It is a Redis Cluster. Use redis-cluster://HOST:PORT."),
          new State("ASK ", "It is a Redis Cluster. Use redis-cluster://HOST:PORT."),
          new State("non local key", "It is a Redis Cluster. Use redis-cluster://HOST:PORT."),
          new State("cluster support disabled", "It is no Redis Cluster. Use redis://HOST:PORT."),
          new State("BUSY ", "It runs somebody's script. Wait, or end that script."));

  private RedisProblem() {}

  /**
   * Whether {@code failure} shows a state of the server or of the connection, and thus concerns
   * every call. False when Redis replied with an error of one script or key.
   */
  public static boolean isOfServer(Throwable failure) {
    return !(RedisLink.causeOf(failure) instanceof RedisCommandExecutionException)
        || state(failure).isPresent();
  }

  /** Whether {@code failure} shows that the server is a replica. */
  static boolean isOfReplica(Throwable failure) {
    String text = text(failure);
    return text.contains(REPLICA) || text.contains(REPLICA_ALONE);
  }

  /** Whether a server of a cluster has executed nothing, since a slot is half-way moved. */
  static boolean isTryAgain(Throwable failure) {
    return text(failure).startsWith(TRY_AGAIN);
  }

  /** Whether the command was not sent, since its server is not connected. */
  public static boolean isNotSent(Throwable failure) {
    return RedisLink.causeOf(failure) instanceof RedisConnectionException
        || RedisLink.causeOf(failure) instanceof PartitionSelectorException
        || text(failure).contains(REJECTED);
  }

  /** Whether a server, or all that were asked, did not reply in time. */
  static boolean isLate(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
            .anyMatch(RedisCommandTimeoutException.class::isInstance)
        || text(failure).contains(LATE);
  }

  /** The meaning of {@code failure}, with the remedy where it is known, in one line. */
  public static String describe(Throwable failure) {
    String what = text(failure);
    if (what.endsWith(".")) {
      what = what.substring(0, what.length() - 1);
    }
    String said = what;
    return state(failure)
        .map(state -> withoutScript(said, state.sign()) + ". " + state.advice())
        .orElse(said);
  }

  /** Redis reports the place in the script before the command's error (6.2), or after it (7). */
  private static String withoutScript(String said, String sign) {
    int begin = said.contains("@user_script") ? said.indexOf(sign) : 0;
    int end = said.indexOf(" script: ", begin);
    String own = end < 0 ? said.substring(begin) : said.substring(begin, end);
    return own.endsWith(".") ? own.substring(0, own.length() - 1) : own;
  }

  private static Optional<State> state(Throwable failure) {
    String text = text(failure);
    return STATES.stream().filter(state -> text.contains(state.sign())).findFirst();
  }

  /** Lettuce suppresses the reasons for which it could not learn the topology of a cluster. */
  private static @Nullable Throwable next(Throwable failure) {
    if (failure instanceof RedisCommandTimeoutException) {
      return null;
    }
    if (failure.getCause() != null) {
      return failure.getCause();
    }
    return failure instanceof RedisException && failure.getSuppressed().length > 0
        ? failure.getSuppressed()[0]
        : null;
  }

  /** The text of the deepest cause. Lettuce's own texts name addresses and Lettuce's threads. */
  private static String text(Throwable failure) {
    Throwable cause = failure;
    for (Throwable next = next(cause); next != null; next = next(cause)) {
      cause = next;
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse(message);
  }
}
