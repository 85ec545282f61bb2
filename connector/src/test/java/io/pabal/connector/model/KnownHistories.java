// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.model.Command.Kind;
import io.pabal.connector.model.Simulation.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Histories that chance finds too rarely. Each ends in a loss, a repetition or a disorder when the
 * one guard that it is named for is taken away.
 *
 * <p>One partition, one address, one connector, two clients; the router's first life routes until
 * it is said that another one begins.
 */
final class KnownHistories {

  static final Shape SHAPE = new Shape(1, 1, 1, 2);

  private static final int ALL = 0;
  private static final int ZOMBIE = 0;
  private static final int PRESENT = 1;

  /** Persistent, not clean, a Receive Maximum of 36. */
  private static final int RESUME = 5 << 4 | 1;

  private static final int QOS_1 = 1;

  /**
   * How often one step of a client waits for Redis, at most: a new session is claimed, then begun.
   */
  private static final int REDIS_ANSWERS_MAX = 3;

  private KnownHistories() {}

  /** The histories by what they are about. */
  static Map<String, List<Command>> all() {
    Map<String, List<Command>> all = new LinkedHashMap<>();
    all.put("a message comes between SUBSCRIBE and its activation", publishedBeforeActivation());
    all.put("a session resumes from a router that was closed", resumedAfterRouterClosed());
    all.put("a session resumes before the timeline has what it missed", resumedBeforeTimeline());
    all.put("what was routed is lost with the router", lostWithRouter());
    all.put("an activation is answered again while a page is being read", answeredWhileReading());
    all.put("a zombie delivers under an activation given up", zombieOfEarlierActivation());
    all.put("a zombie delivers to an incarnation that is gone", zombieOfEarlierIncarnation());
    all.put("a subscription begins among repeated deliveries", subscribedAmongRepetitions());
    all.put("a subscription begins between a poll and its delivery", subscribedBeforeDelivery());
    all.put("a zombie's older table lands late", olderTableLandsLate());
    all.put("a frozen incarnation announces late", lateAnnouncement());
    all.put("a frozen incarnation withdraws late", lateWithdrawal());
    all.put("a frozen owner unsubscribes late", lateUnsubscribe());
    return all;
  }

  private static List<Command> publishedBeforeActivation() {
    return new Script()
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .then(Kind.SUBSCRIBE, 0, 0, QOS_1)
        .turn()
        .publish(1)
        .route(PRESENT, ALL)
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .commands();
  }

  private static List<Command> resumedAfterRouterClosed() {
    return new Script()
        .subscribed(0)
        .then(Kind.DISCONNECT, 0)
        .locate(PRESENT)
        .publish(2)
        .route(PRESENT, ALL)
        .then(Kind.RESTART_ROUTER, 0, 0)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .commands();
  }

  private static List<Command> resumedBeforeTimeline() {
    return new Script()
        .subscribed(0)
        .then(Kind.DISCONNECT, 0)
        .publish(2)
        .then(Kind.FLOW, 0, 1)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .then(Kind.FLOW, 0, 1)
        .then(Kind.TICK, 0)
        .commands();
  }

  private static List<Command> lostWithRouter() {
    return new Script()
        .subscribed(0)
        .publish(2)
        .then(Kind.ROUTE_MESSAGES, 0, PRESENT, ALL)
        .then(Kind.RESTART_ROUTER, 0, 1)
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .route(PRESENT, ALL)
        .commands();
  }

  private static List<Command> answeredWhileReading() {
    return new Script()
        .subscribed(0)
        .then(Kind.DISCONNECT, 0)
        .publish(3)
        .then(Kind.FLOW, 0, 1)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .locate(PRESENT)
        .deliver(PRESENT, ALL) // behind now, and reading what is not written yet
        .publish(2)
        .then(Kind.ROUTE_MESSAGES, 0, PRESENT, ALL)
        .then(Kind.RESTART_ROUTER, 0, 1)
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .route(PRESENT, ALL)
        .then(Kind.WRITE_TIMELINES, 0, ALL)
        .turn()
        .commands();
  }

  private static List<Command> zombieOfEarlierActivation() {
    return new Script()
        .subscribed(0)
        .then(Kind.COMMIT, 0)
        .then(Kind.FREEZE_ROUTER, 0)
        .then(Kind.DISCONNECT, 0)
        .publish(2)
        .then(Kind.ROUTE_MESSAGES, 0, ZOMBIE, ALL)
        .deliver(ZOMBIE, 1)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .deliver(ZOMBIE, ALL)
        .route(PRESENT, ALL)
        .commands();
  }

  private static List<Command> zombieOfEarlierIncarnation() {
    return new Script()
        .subscribed(0)
        .then(Kind.COMMIT, 0)
        .then(Kind.FREEZE_ROUTER, 0)
        .then(Kind.CRASH, 0)
        .then(Kind.START, 0)
        .publish(2)
        .then(Kind.ROUTE_MESSAGES, 0, ZOMBIE, ALL)
        .deliver(ZOMBIE, 1)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .deliver(ZOMBIE, ALL)
        .route(PRESENT, ALL)
        .commands();
  }

  private static List<Command> subscribedAmongRepetitions() {
    return new Script()
        .subscribed(0)
        .then(Kind.COMMIT, 0)
        .then(Kind.CONNECT, 1, 0, RESUME)
        .turn()
        .publish(3)
        .route(PRESENT, ALL)
        .then(Kind.RESTART_ROUTER, 0, 1)
        .route(PRESENT, 1)
        .then(Kind.SUBSCRIBE, 1, 0, QOS_1)
        .deliver(PRESENT, ALL)
        .commands();
  }

  private static List<Command> subscribedBeforeDelivery() {
    return new Script()
        .subscribed(0)
        .then(Kind.CONNECT, 1, 0, RESUME)
        .turn()
        .publish(2)
        .then(Kind.ROUTE_MESSAGES, 0, PRESENT, ALL)
        .then(Kind.FLUSH, 0, PRESENT, ALL)
        .then(Kind.CONSUME, 0, ALL)
        .then(Kind.SUBSCRIBE, 1, 0, QOS_1)
        .turn()
        .commands();
  }

  private static List<Command> olderTableLandsLate() {
    return new Script()
        .subscribed(0)
        .then(Kind.UNSUBSCRIBE, 0)
        .turn()
        .locate(PRESENT)
        .then(Kind.FREEZE_ROUTER, 0)
        .then(Kind.SUBSCRIBE, 0, 0, QOS_1)
        .then(Kind.FLOW, 0)
        .then(Kind.COMMIT, 0)
        .then(Kind.FLUSH_LATE_CHANGELOG, 0)
        .then(Kind.RESTART_ROUTER, 0, 1)
        .publish(2)
        .route(PRESENT, ALL)
        .then(Kind.COMMIT, 0)
        .then(Kind.REFRESH, 0)
        .locate(PRESENT)
        .deliver(PRESENT, ALL)
        .then(Kind.FLOW, 0)
        .commands();
  }

  private static List<Command> lateAnnouncement() {
    return new Script()
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .then(Kind.SUBSCRIBE, 0, 0, QOS_1)
        .replacedBySubscriber()
        .then(Kind.THAW, 0)
        .locate(PRESENT)
        .commands();
  }

  private static List<Command> lateWithdrawal() {
    return new Script()
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .then(Kind.SUBSCRIBE, 0, 0, QOS_1)
        .locate(PRESENT)
        .replacedBySubscriber()
        .then(Kind.THAW, 0)
        .then(Kind.DISCONNECT, 0)
        .locate(PRESENT)
        .commands();
  }

  private static List<Command> lateUnsubscribe() {
    return new Script()
        .subscribed(0)
        .then(Kind.FREEZE, 0)
        .then(Kind.UNSUBSCRIBE, 0)
        .then(Kind.START, 0)
        .then(Kind.CONNECT, 0, 0, RESUME)
        .turn()
        .then(Kind.THAW, 0)
        .commands();
  }

  private static final class Script {

    private final List<Command> commands = new ArrayList<>();

    Script then(Kind kind, int a) {
      return then(kind, a, 0);
    }

    Script then(Kind kind, int a, int b) {
      return then(kind, a, b, 0);
    }

    Script then(Kind kind, int a, int b, int c) {
      commands.add(new Command(kind, a, b, c));
      return this;
    }

    Script publish(int count) {
      return then(Kind.PUBLISH, 0, count - 1);
    }

    /** The first connector's event loop runs until it has nothing to do, also for Redis. */
    Script turn() {
      for (int i = 0; i < REDIS_ANSWERS_MAX; i++) {
        then(Kind.TURN, 0, ALL);
      }
      return this;
    }

    /** A client that is connected and has its SUBACK. */
    Script subscribed(int client) {
      return then(Kind.CONNECT, client, 0, RESUME)
          .turn()
          .then(Kind.SUBSCRIBE, 0, 0, QOS_1)
          .then(Kind.FLOW, 0);
    }

    /**
     * The first connector is frozen, and the second client subscribes at the one that replaces it.
     */
    Script replacedBySubscriber() {
      return then(Kind.FREEZE, 0)
          .then(Kind.START, 0)
          .then(Kind.CONNECT, 1, 0, RESUME)
          .turn()
          .then(Kind.SUBSCRIBE, 1, 0, QOS_1)
          .locate(PRESENT)
          .deliver(PRESENT, ALL)
          .turn();
    }

    /** What was subscribed to or given up is written, and the router takes it up. */
    Script locate(int router) {
      return then(Kind.WRITE_LOCATIONS, 0, ALL).then(Kind.ROUTE_LOCATIONS, 0, router, ALL);
    }

    /** Messages are routed, and so many of what was sent reach the first connector's sessions. */
    Script route(int router, int count) {
      return then(Kind.ROUTE_MESSAGES, 0, router, ALL).deliver(router, count);
    }

    Script deliver(int router, int count) {
      return then(Kind.FLUSH, 0, router, count).then(Kind.CONSUME, 0, ALL).turn();
    }

    List<Command> commands() {
      return commands;
    }
  }
}
