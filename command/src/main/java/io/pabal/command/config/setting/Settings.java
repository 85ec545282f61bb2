// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of a role's keys, and where each comes from. */
public final class Settings {

  private final Map<Key<?>, Setting<?>> settings;
  private final List<String> warnings;

  public Settings(Map<Key<?>, Setting<?>> settings, List<String> warnings) {
    this.settings = settings;
    this.warnings = List.copyOf(warnings);
  }

  /** One value. */
  public record Setting<T>(T value, Place place) {}

  /** The value of a key that has one. */
  public <T> T get(Key<T> key) {
    return find(key).orElseThrow(() -> new IllegalStateException(key.name() + " has no value"));
  }

  /** The value of a key that may have none. */
  public <T> Optional<T> find(Key<T> key) {
    return setting(key).map(Setting::value);
  }

  /** Where the value comes from. */
  public Place place(Key<?> key) {
    return setting(key).<Place>map(Setting::place).orElseGet(Place.Default::new);
  }

  /** What is odd but does not hinder, one line each. */
  public List<String> warnings() {
    return warnings;
  }

  /** The value as it is written in a file, without secrets; empty for none. */
  public <T> String print(Key<T> key) {
    return find(key).map(key.type().printer()).orElse("");
  }

  @SuppressWarnings("unchecked") // a key is only ever put together with a value of its type
  private <T> Optional<Setting<T>> setting(Key<T> key) {
    return Optional.ofNullable((Setting<T>) settings.get(key));
  }
}
