// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import io.pabal.command.config.setting.Key;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A configuration file with every key of a role and an explanation of each key. Keys that are not
 * required are commented out.
 */
public final class ExampleConfig {

  private ExampleConfig() {}

  /** The file's text. */
  public static String of(Role role) {
    StringBuilder text = new StringBuilder();
    text.append("# Every key can also be set by environment: kafka.bootstrapServers is ")
        .append(SharedKeys.BOOTSTRAP_SERVERS.environmentVariable())
        .append(".\n");
    Map<String, List<Key<?>>> sections =
        role.keys().stream()
            .collect(Collectors.groupingBy(Key::section, LinkedHashMap::new, Collectors.toList()));
    sections.forEach(
        (section, keys) -> {
          text.append('\n').append(section).append(":\n");
          keys.forEach(key -> append(text, key));
        });
    return text.toString();
  }

  /** A secret is printed as asterisks, with which no plain text of YAML begins. */
  private static String quoted(String value) {
    return value.startsWith("*") ? "'" + value + "'" : value;
  }

  private static void append(StringBuilder text, Key<?> key) {
    text.append("  # %s (%s)%n".formatted(key.doc(), key.type().expected()));
    text.append(key.required() ? "  " : "  #")
        .append(key.nameInSection())
        .append(": ")
        .append(quoted(key.printedExample()))
        .append('\n');
  }
}
