// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The environment variables that set keys.
 *
 * <p>A variable that is no key but looks like a slip of one is a problem; any other is warned of.
 *
 * <p>Kubernetes adds variables named after the Services of a namespace ({@link ServiceLink}). They
 * are no configuration, also where one has the name of a key: all of them are left out, with one
 * warning.
 */
public final class Environment {

  static final String PREFIX = "PABAL_";

  /** Variables of the launcher, and of scripts that call it. */
  private static final Set<String> LAUNCHER =
      Set.of("PABAL_HOME", "PABAL_JAVA_OPTS", "PABAL_NO_BUILD", "PABAL_CLASSPATH");

  private final Map<String, String> variables = new TreeMap<>();
  private final List<String> serviceLinks = new ArrayList<>();

  public Environment(Map<String, String> variables) {
    new TreeMap<>(variables)
        .forEach(
            (name, value) -> {
              if (!name.startsWith(PREFIX) || LAUNCHER.contains(name)) {
                return;
              }
              if (ServiceLink.is(name, value)) {
                serviceLinks.add(name);
              } else {
                this.variables.put(name, value);
              }
            });
  }

  public Optional<Entry> entry(Key<?> key) {
    String name = key.environmentVariable();
    return Optional.ofNullable(variables.get(name))
        .map(text -> new Entry(text, new Place.Variable(name)));
  }

  /**
   * Checks the variables that no key has, and returns a warning for each.
   *
   * @param keys the keys of every role
   */
  public List<String> checkUnknown(Collection<Key<?>> keys, Problems problems) {
    Set<String> known =
        keys.stream().map(Key::environmentVariable).collect(Collectors.toCollection(TreeSet::new));
    List<String> warnings = new ArrayList<>();
    for (String name : variables.keySet()) {
      if (known.contains(name)) {
        continue;
      }
      Suggestion.of(name, known)
          .ifPresentOrElse(
              meant ->
                  problems.add(
                      new Place.Variable(name),
                      "unknown variable (did you mean %s?). Rename or unset it.".formatted(meant)),
              () -> warnings.add(name + ": ignored, no key has this name"));
    }
    return warnings;
  }

  /** A warning of all service links together; none when there are none. */
  public List<String> warningOfServiceLinks() {
    if (serviceLinks.isEmpty()) {
      return List.of();
    }
    String others =
        serviceLinks.size() == 1 ? "" : " and %d more".formatted(serviceLinks.size() - 1);
    return List.of(
        "%s%s: ignored, set by Kubernetes for a Service (enableServiceLinks: false in the pod's spec stops that)"
            .formatted(serviceLinks.getFirst(), others));
  }
}
