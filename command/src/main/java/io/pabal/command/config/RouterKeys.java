// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.ValueType;
import io.pabal.router.config.GroupProtocol;
import io.pabal.router.config.RouterConfig;
import io.pabal.router.config.StoreKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The keys of a router. */
public final class RouterKeys {

  private static final RouterConfig DEFAULTS =
      RouterConfig.defaults("127.0.0.1:9092", Path.of("data", "router"));

  static final Key<String> APPLICATION_ID =
      Key.of(
          "router.applicationId",
          ValueType.text("[A-Za-z0-9._-]{1,100}", "1-100 letters, digits, ., - and _"),
          DEFAULTS.applicationId(),
          "The name that all routers of one pipeline share; they divide the partitions between"
              + " them.");

  static final Key<Integer> THREADS =
      Key.of(
          "router.threads",
          ValueType.integer(1, 64),
          DEFAULTS.threads(),
          "Threads that route; more than topics.partitions have nothing to do.");

  static final Key<Path> STATE_DIRECTORY =
      Key.of(
          "router.stateDirectory",
          ValueType.PATH,
          DEFAULTS.stateDirectory(),
          "Where the location table is kept on this machine.");

  static final Key<StoreKind> STORE =
      Key.of(
          "router.store",
          ValueType.oneOf(StoreKind.class),
          DEFAULTS.store(),
          "What the location table is kept in.");

  static final Key<Integer> STANDBY_REPLICAS =
      Key.of(
          "router.standbyReplicas",
          ValueType.integer(0, 9),
          DEFAULTS.standbyReplicas(),
          "Other routers that keep a copy of each part of the location table, to take over from"
              + " it.");

  static final Key<GroupProtocol> GROUP_PROTOCOL =
      Key.of(
          "router.groupProtocol",
          ValueType.oneOf(GroupProtocol.class),
          DEFAULTS.groupProtocol(),
          "How routers divide the partitions between them.");

  static final Key<Duration> SESSION_TIMEOUT =
      Key.of(
          "router.sessionTimeoutMillis",
          ValueType.millis(1_000, 60_000),
          DEFAULTS.sessionTimeout(),
          "When a router that is silent is taken for dead. Below 6000 the brokers need a lower"
              + " group.min.session.timeout.ms.");

  static final List<Key<?>> ALL =
      List.of(
          SharedKeys.BOOTSTRAP_SERVERS,
          SharedKeys.REPLICATION_FACTOR,
          SharedKeys.PARTITIONS,
          SharedKeys.PREFIX_LEVELS,
          SharedKeys.MESSAGE_RETENTION,
          APPLICATION_ID,
          THREADS,
          STATE_DIRECTORY,
          STORE,
          STANDBY_REPLICAS,
          GROUP_PROTOCOL,
          SESSION_TIMEOUT,
          SharedKeys.REGISTRY_URL,
          SharedKeys.REGISTRY_AUTO_REGISTER,
          SharedKeys.SERIALIZER_CLASS,
          HttpKeys.HOST,
          HttpKeys.OF_ROUTER);

  private RouterKeys() {}

  /** The router's configuration. */
  public static RouterConfig config(Settings settings) {
    return new RouterConfig(
        settings.get(SharedKeys.BOOTSTRAP_SERVERS),
        SharedKeys.topics(settings),
        SharedKeys.replicationFactor(settings),
        settings.get(APPLICATION_ID),
        settings.get(THREADS),
        settings.get(STATE_DIRECTORY),
        settings.get(STORE),
        settings.get(STANDBY_REPLICAS),
        settings.get(GROUP_PROTOCOL),
        settings.get(SESSION_TIMEOUT),
        SharedKeys.registry(settings));
  }
}
