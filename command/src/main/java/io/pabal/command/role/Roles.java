// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.foreground.Part;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.router.Router;
import io.pabal.router.RouterConfig;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.InetSocketAddress;

/** The roles as parts. */
public final class Roles {

  private Roles() {}

  /** Starts a connector. Blocks until it takes clients. */
  public static Part connector(ConnectorConfig config) {
    Connector connector = Connector.start(config);
    InetSocketAddress address = connector.address();
    Part part =
        new Part(
            config.id(),
            address.getAddress().getHostAddress() + ":" + address.getPort(),
            connector.terminated(),
            connector);
    return part.leaving(
            () -> draining(connector.sessionCount(), config.drain()), config.drain().timeout())
        .leavingWhen(connector.drainAsked());
  }

  private static String draining(int sessions, Drain drain) {
    if (sessions == 0) {
      return "";
    }
    return drain.sessionsPerSecond() == 0
        ? "draining %d sessions at once (once more to stop without)".formatted(sessions)
        : "draining %d sessions at %d/s, for at most %d s (once more to stop at once)"
            .formatted(sessions, drain.sessionsPerSecond(), drain.timeout().toSeconds());
  }

  /** Starts a router. Blocks until it routes. */
  public static Part router(RouterConfig config) {
    Router router = Router.start(config);
    return new Part(
        "router",
        "messages -> deliveries.*, at " + config.bootstrapServers(),
        router.terminated(),
        router);
  }

  /** Starts a timeline writer. Blocks until it reads. */
  public static Part timeline(TimelineConfig config) {
    TimelineWriter writer = TimelineWriter.start(config);
    return new Part(
        "timeline",
        "messages -> %s:%d".formatted(config.redisUri().getHost(), config.redisUri().getPort()),
        writer.terminated(),
        writer);
  }
}
