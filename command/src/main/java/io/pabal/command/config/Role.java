// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.foreground.Failure;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The roles that run alone and have a configuration. */
@SuppressWarnings("ImmutableEnumChecker") // keys and functions are immutable in effect
public enum Role {
  /** Holds client sockets. */
  CONNECTOR(ConnectorKeys.ALL, ConnectorKeys::config, ConnectorKeys::check),
  /** Routes messages to connectors. */
  ROUTER(RouterKeys.ALL, RouterKeys::config, SharedKeys::checkRegistry),
  /** Feeds the timelines in Redis. */
  TIMELINE(TimelineWriterKeys.ALL, TimelineWriterKeys::config, RedisKeys::check);

  private final List<Key<?>> keys;
  private final Function<Settings, Object> config;
  private final BiConsumer<Settings, Problems> rules;

  Role(List<Key<?>> keys, Function<Settings, Object> config, BiConsumer<Settings, Problems> rules) {
    this.keys = keys;
    this.config = config;
    this.rules = rules;
  }

  /** Every key that the role has. */
  public List<Key<?>> keys() {
    return keys;
  }

  /** The name in commands. */
  public String commandName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The name of the role's configuration file when no other name is given. */
  public String fileName() {
    return commandName() + ".yaml";
  }

  /** Checks the rules that span several keys, and whether the role accepts the configuration. */
  void check(Settings settings, Problems problems) {
    rules.accept(settings, problems);
    try {
      var _ = config.apply(settings);
    } catch (IllegalArgumentException e) {
      problems.add(Failure.messageOf(e));
    }
  }
}
