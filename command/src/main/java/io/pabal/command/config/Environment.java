// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The environment variables that set keys.
 *
 * <p>One that is not a key but looks like a slip of one is a problem. Any other is only warned of,
 * since systems that run containers add variables named after services ({@code
 * PABAL_SERVICE_HOST}).
 */
final class Environment {

  static final String PREFIX = "PABAL_";

  /** Variables of the launcher. */
  private static final Set<String> LAUNCHER =
      Set.of("PABAL_JAVA_OPTS", "PABAL_NO_BUILD", "PABAL_CLASSPATH");

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = new TreeMap<>(variables);
  }

  Optional<Entry> entry(Key<?> key) {
    String name = key.environmentVariable();
    return Optional.ofNullable(variables.get(name))
        .map(text -> new Entry(text, new Place.Variable(name)));
  }

  /** Checks the variables that are keys of no role, and returns a warning for each harmless one. */
  List<String> checkUnknown(Problems problems) {
    Map<String, String> known = new HashMap<>();
    for (Role role : Role.values()) {
      role.keys().forEach(key -> known.put(key.environmentVariable(), key.name()));
    }
    List<String> warnings = new ArrayList<>();
    for (String name : variables.keySet()) {
      if (!name.startsWith(PREFIX) || known.containsKey(name) || LAUNCHER.contains(name)) {
        continue;
      }
      Suggestion.of(name, known.keySet())
          .ifPresentOrElse(
              meant ->
                  problems.add(
                      new Place.Variable(name),
                      "unknown variable (did you mean %s?). Rename or unset it.".formatted(meant)),
              () -> warnings.add(name + ": ignored, no key has this name"));
    }
    return warnings;
  }
}
