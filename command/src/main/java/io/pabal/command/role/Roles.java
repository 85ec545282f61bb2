// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.netty.util.NetUtil;
import io.pabal.command.foreground.Part;
import io.pabal.command.http.Monitor;
import io.pabal.command.tracing.TracingConfig;
import io.pabal.command.tracing.TracingExport;
import io.pabal.connector.Connector;
import io.pabal.connector.ConnectorConfig;
import io.pabal.connector.ConnectorConfig.Drain;
import io.pabal.router.Router;
import io.pabal.router.config.RouterConfig;
import io.pabal.sessioncache.redis.RedisAddress;
import io.pabal.sessioncache.timeline.TimelineConfig;
import io.pabal.sessioncache.timeline.TimelineWriter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Starts the roles as parts. The monitor watches each role once the role runs. */
public final class Roles {

  /** The name of a router as a part. */
  public static final String ROUTER = "router";

  /** The name of a timeline writer as a part. */
  public static final String TIMELINE = "timeline";

  private Roles() {}

  /**
   * Starts a connector. Blocks until the connector accepts clients.
   *
   * @param tracing null when the connector traces nothing
   */
  public static Part connector(
      ConnectorConfig config, @Nullable TracingConfig tracing, Monitor monitor) {
    if (tracing == null) {
      return connector(config, monitor, () -> {});
    }
    TracingExport export = TracingExport.start(tracing, config.id());
    try {
      return connector(config.withTracing(export.tracing()), monitor, export::close);
    } catch (RuntimeException e) {
      export.close();
      throw e;
    }
  }

  private static Part connector(ConnectorConfig config, Monitor monitor, Runnable closed) {
    Connector connector = Connector.start(config);
    monitor.watch(config.id(), connector);
    InetSocketAddress address = connector.address();
    Part part =
        new Part(
            config.id(),
            NetUtil.toSocketAddressString(address),
            connector.terminated(),
            () -> {
              connector.close();
              closed.run();
            });
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
        : "draining %d sessions, at least %d/s, for at most %d s (once more to stop at once)"
            .formatted(sessions, drain.sessionsPerSecond(), drain.timeout().toSeconds());
  }

  /** Starts a router. Blocks until the router routes messages. */
  public static Part router(RouterConfig config, Monitor monitor) {
    Router router = Router.start(config);
    monitor.watch(ROUTER, router);
    return new Part(
        ROUTER,
        "messages -> deliveries.*, at " + config.bootstrapServers(),
        router.terminated(),
        router);
  }

  /** Starts a timeline writer. Blocks until the writer reads messages. */
  public static Part timeline(TimelineConfig config, Monitor monitor) {
    TimelineWriter writer = TimelineWriter.start(config);
    monitor.watch(TIMELINE, writer);
    return new Part(
        TIMELINE, "messages -> " + RedisAddress.of(config.redisUri()), writer.terminated(), writer);
  }
}
