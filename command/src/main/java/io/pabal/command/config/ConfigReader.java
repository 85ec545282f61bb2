// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.Settings.Setting;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the configuration of a role: the environment, then the file, then the defaults. */
public final class ConfigReader {

  private final Role role;
  private final Problems problems;
  private final Environment environment;
  private final Map<String, Entry> entries;
  private final Map<Key<?>, Setting<?>> settings = new LinkedHashMap<>();

  private ConfigReader(Role role, @Nullable Path file, Map<String, String> environment) {
    this.role = role;
    this.problems =
        new Problems(file == null ? role.fileName() : String.valueOf(file.getFileName()));
    this.environment = new Environment(environment);
    this.entries = file == null ? Map.of() : YamlFile.read(file, role.keys(), problems);
  }

  /**
   * The settings of {@code role}.
   *
   * @param file a YAML file; null when everything is in the environment
   * @throws ConfigException with everything that is wrong
   */
  public static Settings read(Role role, @Nullable Path file, Map<String, String> environment) {
    return new ConfigReader(role, file, environment).read();
  }

  private Settings read() {
    List<String> warnings = environment.checkUnknown(problems);
    role.keys().forEach(this::resolve);
    Settings result = new Settings(settings, warnings);
    if (problems.isEmpty()) {
      role.check(result, problems);
    }
    problems.throwIfAny();
    return result;
  }

  private <T> void resolve(Key<T> key) {
    Optional<Entry> entry =
        environment.entry(key).or(() -> Optional.ofNullable(entries.get(key.name())));
    if (entry.isPresent()) {
      parse(key, entry.get());
    } else if (key.fallback().isPresent()) {
      settings.put(key, new Setting<>(key.fallback().get(), new Place.Default()));
    } else if (key.required()) {
      problems.add(key, new Place.Default(), "not set", key.type().expected());
    }
  }

  private <T> void parse(Key<T> key, Entry entry) {
    key.type()
        .parser()
        .apply(entry.text())
        .ifPresentOrElse(
            value -> settings.put(key, new Setting<>(value, entry.place())),
            () -> problems.add(key, entry.place(), shown(entry.text()), key.type().expected()));
  }

  private static String shown(String text) {
    return text.isBlank() ? '"' + text + '"' : text;
  }
}
