// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.event.AskRedirectionEvent;
import io.lettuce.core.cluster.event.ClusterTopologyChangedEvent;
import io.lettuce.core.cluster.event.MovedRedirectionEvent;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.Partitions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import io.lettuce.core.cluster.topology.ClusterTopologyRefresh;
import io.lettuce.core.resource.ClientResources;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client of a Redis Cluster, and its knowledge of which primary has which slots.
 *
 * <p>The topology is asked for over the connections that are open anyway: one command to each
 * primary, of which the newest view counts (the one with the highest configuration epoch), and
 * nobody waits for a primary that does not reply within {@value #VIEW_MILLIS} ms. So it costs
 * little and a frozen primary does not hold it up. When no primary replies, Lettuce's own way is
 * taken, which opens new connections to all servers it knows.
 *
 * <p>It is asked for regularly, after a redirection, and at most every {@value #REFRESH_MILLIS} ms
 * while a connection is lost, does not reply, or Redis replies that it does not serve.
 */
final class ClusterTopology extends RedisClusterClient {

  static final long REFRESH_MILLIS = 250;
  private static final long VIEW_MILLIS = 200;
  private static final long REDIRECTING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger log = LoggerFactory.getLogger(ClusterTopology.class);

  private final ClientResources resources;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final List<ClusterPrimaries> connections = new CopyOnWriteArrayList<>();
  private volatile @Nullable StatefulRedisClusterConnection<String, byte[]> first;
  private volatile long redirectedNanos = System.nanoTime() - REDIRECTING_NANOS;

  ClusterTopology(ClientResources resources, List<RedisURI> servers) {
    super(resources, servers);
    this.resources = resources;
    var bus = resources.eventBus().get();
    var _ =
        bus.subscribe(
            event -> {
              if (event instanceof ClusterTopologyChangedEvent) {
                openConnections();
              } else if (event instanceof MovedRedirectionEvent
                  || event instanceof AskRedirectionEvent) {
                redirectedNanos = System.nanoTime();
              }
            });
  }

  /** Opens one connection to all primaries. Blocks. */
  ClusterPrimaries open(Duration timeout) {
    StatefulRedisClusterConnection<String, byte[]> connection = connect(RedisServer.CODEC);
    if (first == null) {
      first = connection;
    }
    ClusterPrimaries primaries = new ClusterPrimaries(this, connection);
    connections.add(primaries);
    primaries.open().completeOnTimeout(null, timeout.toMillis(), TimeUnit.MILLISECONDS).join();
    return primaries;
  }

  private void openConnections() {
    for (ClusterPrimaries each : connections) {
      var _ = each.open();
    }
  }

  /** Closes all connections. Blocks. */
  void closeConnections(Duration timeout) {
    first = null;
    CompletableFuture.allOf(
            connections.stream().map(ClusterPrimaries::close).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, timeout.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  /** Asks for the topology soon; any thread, as often as there is reason to. */
  void refreshSoon() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        var _ =
            resources
                .eventExecutorGroup()
                .schedule(this::refresh, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        log.debug("the client is closed, its topology stays", e);
      }
    }
  }

  /** Whether a server is known to be no primary any more, or to have failed. */
  boolean isNoPrimary(SocketAddress server) {
    return server instanceof InetSocketAddress address
        && getPartitions().stream()
            .filter(node -> !node.is(NodeFlag.UPSTREAM) || node.is(NodeFlag.FAIL))
            .map(RedisClusterNode::getUri)
            .anyMatch(
                uri ->
                    uri.getPort() == address.getPort()
                        && (uri.getHost().equals(address.getHostString())
                            || (address.getAddress() != null
                                && uri.getHost().equals(address.getAddress().getHostAddress()))));
  }

  /** Whether Redis has redirected a command within the last second. */
  boolean isRedirecting() {
    return System.nanoTime() - redirectedNanos < REDIRECTING_NANOS;
  }

  private void refresh() {
    refreshPartitionsAsync()
        .whenComplete(
            (done, failure) -> {
              scheduled.set(false);
              if (failure != null) {
                log.debug("redis cluster's topology unknown reason=\"{}\"", failure.toString());
              }
            });
  }

  /** Called by the constructor of the superclass: no field has its value yet. */
  @Override
  protected ClusterTopologyRefresh createTopologyRefresh() {
    ClusterTopologyRefresh fromNewConnections = super.createTopologyRefresh();
    return (servers, connectTimeout, discovery) ->
        newestView()
            .thenCompose(
                view ->
                    view.<CompletionStage<Map<RedisURI, Partitions>>>map(
                            found ->
                                CompletableFuture.completedStage(Map.of(server(servers), found)))
                        .orElseGet(
                            () ->
                                fromNewConnections.loadViews(servers, connectTimeout, discovery)));
  }

  private static RedisURI server(Iterable<RedisURI> servers) {
    return servers.iterator().next();
  }

  /** The newest view of the primaries to which the first connection is open. */
  private CompletionStage<Optional<Partitions>> newestView() {
    var connection = first;
    if (connection == null) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    List<CompletableFuture<@Nullable Partitions>> views = new ArrayList<>();
    for (RedisClusterNode node : connection.getPartitions()) {
      if (node.is(NodeFlag.UPSTREAM) && !node.is(NodeFlag.FAIL)) {
        views.add(view(connection, node.getUri()));
      }
    }
    return CompletableFuture.allOf(views.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                views.stream()
                    .map(CompletableFuture::join)
                    .filter(Objects::nonNull)
                    .max(Comparator.comparingLong(ClusterTopology::epoch)));
  }

  private static CompletableFuture<@Nullable Partitions> view(
      StatefulRedisClusterConnection<String, byte[]> connection, RedisURI server) {
    return connection
        .getConnectionAsync(server.getHost(), server.getPort())
        .thenCompose(node -> node.async().clusterNodes())
        .<@Nullable Partitions>thenApply(text -> parsed(text, server))
        .exceptionally(failure -> null)
        .completeOnTimeout(null, VIEW_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Partitions parsed(String text, RedisURI server) {
    Partitions all = ClusterPartitionParser.parse(text);
    Partitions usable = new Partitions();
    for (RedisClusterNode node : all) {
      if (node.is(NodeFlag.MYSELF)) {
        // A server may not know by which of its addresses it is reached.
        node.setUri(RedisURI.create(server.getHost(), server.getPort()));
      }
      RedisURI uri = node.getUri();
      if (uri != null
          && uri.getHost() != null
          && !uri.getHost().isEmpty()
          && uri.getPort() != 0
          && !node.is(NodeFlag.NOADDR)) {
        usable.add(node);
      }
    }
    usable.updateCache();
    return usable;
  }

  private static long epoch(Partitions view) {
    return view.stream()
        .filter(node -> node.is(NodeFlag.UPSTREAM))
        .mapToLong(RedisClusterNode::getConfigEpoch)
        .max()
        .orElse(-1);
  }
}
