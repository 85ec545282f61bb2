// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import static org.apache.kafka.streams.StreamsConfig.globalConsumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.mainConsumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;

import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * The settings of Kafka Streams: at least once, no caches, small batches.
 *
 * <p>The producer tries for {@link #DELIVERY_TIMEOUT_MILLIS} to write a record. Then the record
 * fails its stream thread or, when its topic is gone, is given up. So this timeout bounds two
 * delays: how long a topic deleted under traffic can block other topics, and how long an outage of
 * a broker remains unnoticed.
 */
public final class StreamsSettings {

  public static final int DELIVERY_TIMEOUT_MILLIS = 12_000;

  private static final int REQUEST_TIMEOUT_MILLIS = 8_000;
  private static final int COMMIT_INTERVAL_MILLIS = 1_000;
  private static final int LINGER_MILLIS = 1;
  private static final int BATCH_BYTES = 64 * 1024;
  private static final int REQUEST_BYTES_MAX = 8 * 1024 * 1024;

  /**
   * Heartbeats per session timeout. The remaining routers learn of a dead router with their next
   * heartbeat, so the heartbeat interval is part of the time of a failover.
   */
  private static final int HEARTBEATS_PER_SESSION_TIMEOUT = 20;

  /**
   * The longest wait of a stream thread for records before it does other work; records end it at
   * once. A standby that takes over waits this long three times. An idle router polls so often on
   * two threads: with 10 ms, which makes a takeover a quarter of a second shorter, it takes 3 % of
   * a core more.
   */
  private static final long POLL_MILLIS = 100;

  /**
   * How long a broker may keep a fetch of {@code connectors} that finds nothing; records end it at
   * once. The partitions of this consumer never change, so nothing waits for the end of a fetch.
   */
  private static final int GLOBAL_FETCH_WAIT_MAX_MILLIS = 2_000;

  /**
   * The interval after which the group checks again whether the standby tasks of a restarted router
   * are recent enough to get partitions assigned. This is the minimum of Kafka Streams. With the
   * default, one router would have all partitions for ten minutes.
   */
  private static final long PROBING_REBALANCE_INTERVAL_MILLIS = 60_000;

  private StreamsSettings() {}

  /** The settings of a router with {@code config}. */
  public static Properties of(RouterConfig config) {
    var settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) config.replicationFactor());
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
    settings.put(
        StreamsConfig.GROUP_PROTOCOL_CONFIG,
        config.groupProtocol().name().toLowerCase(Locale.ROOT));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MILLIS);
    settings.put(StreamsConfig.POLL_MS_CONFIG, POLL_MILLIS);
    settings.put(
        StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, PROBING_REBALANCE_INTERVAL_MILLIS);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
    settings.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndContinueExceptionHandler.class);
    settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    consumer(settings, config);
    producer(settings);
    return settings;
  }

  private static void consumer(Properties settings, RouterConfig config) {
    settings.put(mainConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 1);
    // With Kafka's default of 64 KiB the kernel drops packets of a burst, which are sent again only
    // after 200 ms.
    settings.put(
        mainConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG),
        Selectable.USE_DEFAULT_BUFFER_SIZE);
    settings.put(
        globalConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG),
        GLOBAL_FETCH_WAIT_MAX_MILLIS);
    if (config.groupProtocol() == GroupProtocol.CLASSIC) {
      settings.put(
          mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
          (int) config.sessionTimeout().toMillis());
      settings.put(
          mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
          (int) config.sessionTimeout().toMillis() / HEARTBEATS_PER_SESSION_TIMEOUT);
    }
  }

  private static void producer(Properties settings) {
    settings.put(producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
    settings.put(producerPrefix(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG), true);
    // More requests in flight would be faster, but do not keep the order of a producer that the
    // partition's leader does not know: if the leader refuses the first request, for instance
    // because it was fenced for a moment, and accepts the second, a position is skipped.
    settings.put(producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
    settings.put(producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_MILLIS);
    settings.put(producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    settings.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), REQUEST_BYTES_MAX);
    settings.put(producerPrefix(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG), REQUEST_TIMEOUT_MILLIS);
    settings.put(
        producerPrefix(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG), DELIVERY_TIMEOUT_MILLIS);
    settings.put(producerPrefix(ProducerConfig.MAX_BLOCK_MS_CONFIG), DELIVERY_TIMEOUT_MILLIS);
  }
}
