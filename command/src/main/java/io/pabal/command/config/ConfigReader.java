// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.Entry;
import io.pabal.command.config.setting.Environment;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Problems;
import io.pabal.command.config.setting.RefusedValueException;
import io.pabal.command.config.setting.Settings;
import io.pabal.command.config.setting.Settings.Setting;
import io.pabal.command.config.setting.Shown;
import io.pabal.command.config.setting.ValueSource;
import io.pabal.command.config.setting.YamlFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration of a role, or the part of it that operators' commands need. The
 * environment takes precedence over the file, and the file over the defaults.
 */
public final class ConfigReader {

  private final List<Key<?>> keys;
  private final Problems problems;
  private final Environment environment;
  private final Map<String, Entry> entries;
  private final Map<Key<?>, Setting<?>> settings = new LinkedHashMap<>();

  private ConfigReader(
      List<Key<?>> keys,
      List<Key<?>> known,
      @Nullable Path file,
      String fileName,
      Map<String, String> environment) {
    this.keys = keys;
    this.problems =
        new Problems(file == null ? fileName : Shown.of(String.valueOf(file.getFileName())));
    this.environment = new Environment(environment);
    this.entries = file == null ? Map.of() : YamlFile.read(file, known, problems);
  }

  /**
   * The settings of {@code role}.
   *
   * @param file a YAML file; null when all settings are in the environment
   * @throws ConfigException with all problems
   */
  public static Settings read(Role role, @Nullable Path file, Map<String, String> environment) {
    ConfigReader reader =
        new ConfigReader(role.keys(), role.keys(), file, role.fileName(), environment);
    List<String> warnings = reader.environment.checkUnknown(keysOfAllRoles(), reader.problems);
    return reader.read(warnings, role::check);
  }

  /**
   * The addresses of the cluster, and the settings of its topics. Unlike a role, an operator's
   * command does not warn of environment variables that belong to no key.
   *
   * @param file the YAML file of any role; null when all settings are in the environment
   * @throws ConfigException with all problems
   */
  public static Settings readCluster(@Nullable Path file, Map<String, String> environment) {
    List<Key<?>> known = keysOfAllRoles();
    ConfigReader reader =
        new ConfigReader(ClusterKeys.ALL, known, file, "the file of --config", environment);
    var _ = reader.environment.checkUnknown(known, reader.problems);
    return reader.read(List.of(), (settings, problems) -> {});
  }

  private static List<Key<?>> keysOfAllRoles() {
    return Arrays.stream(Role.values()).<Key<?>>flatMap(role -> role.keys().stream()).toList();
  }

  private Settings read(List<String> warnings, BiConsumer<Settings, Problems> rules) {
    List<String> all = new ArrayList<>(environment.warningOfServiceLinks());
    all.addAll(warnings);
    keys.forEach(this::resolve);
    Settings result = new Settings(settings, all);
    if (problems.isEmpty()) {
      rules.accept(result, problems);
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
      settings.put(key, new Setting<>(key.fallback().get(), new ValueSource.Default()));
    } else if (key.required()) {
      problems.add(key, new ValueSource.Default(), "not set", key.type().expected());
    }
  }

  private <T> void parse(Key<T> key, Entry entry) {
    try {
      settings.put(key, new Setting<>(key.type().parse(entry.text()), entry.place()));
    } catch (RefusedValueException e) {
      problems.add(key, entry.place(), e.shown(), key.type().expected());
    }
  }
}
