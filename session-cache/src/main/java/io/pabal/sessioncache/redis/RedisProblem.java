// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.util.List;
import java.util.Optional;

/**
 * Why Redis does not serve Pabal, in the words of an operator: what Redis said, and what to do. The
 * text has no address and no password in it.
 */
public final class RedisProblem {

  /** A state of the server. {@code sign} is in Redis's error, {@code advice} ends what it means. */
  private record State(String sign, String advice) {}

  /** Redis 7 says READONLY, NOPERM and OOM of a script's command with other words around them. */
  private static final List<State> STATES =
      List.of(
          new State("READONLY", "It is a replica. Give the address of the primary."),
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
              "MASTERDOWN", "It is a replica without its primary. Give the primary's address."),
          new State("CLUSTERDOWN", "It is a Redis Cluster. Give the address of a single primary."),
          new State("CROSSSLOT", "It is a Redis Cluster. Give the address of a single primary."),
          new State("MOVED", "It is a Redis Cluster. Give the address of a single primary."),
          new State("ASK ", "It is a Redis Cluster. Give the address of a single primary."),
          new State(
              "non local key", "It is a Redis Cluster. Give the address of a single primary."),
          new State("BUSY ", "It runs somebody's script. Wait, or end that script."));

  private RedisProblem() {}

  /**
   * Whether {@code failure} is a state of the server or of the connection, and thus concerns every
   * call. It is not when Redis answered with an error of one script or key.
   */
  public static boolean isOfServer(Throwable failure) {
    return !(RedisLink.causeOf(failure) instanceof RedisCommandExecutionException)
        || state(failure).isPresent();
  }

  /** What {@code failure} means, and what to do where that is known: one line. */
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

  /** Redis puts the error of a command in a script behind (6.2), or before (7), where that was. */
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

  /** The text of the deepest cause: Lettuce's own speak of addresses, and of its own threads. */
  private static String text(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof RedisCommandTimeoutException)) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse(message);
  }
}
