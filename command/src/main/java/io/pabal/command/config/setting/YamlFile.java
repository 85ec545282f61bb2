// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The entries of a YAML file by dotted name, each with its place. It is read as a tree of nodes
 * rather than as objects: nodes know their place, and keys know their types.
 */
public final class YamlFile {

  private final String fileName;
  private final Set<String> names;
  private final Set<String> sections;
  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private YamlFile(String fileName, List<Key<?>> keys, Problems problems) {
    this.fileName = fileName;
    this.names = keys.stream().map(Key::name).collect(Collectors.toSet());
    this.sections =
        keys.stream().map(Key::section).flatMap(YamlFile::outer).collect(Collectors.toSet());
    this.problems = problems;
  }

  /** Reads {@code file}; what is no key of {@code keys} is a problem. */
  public static Map<String, Entry> read(Path file, List<Key<?>> keys, Problems problems) {
    YamlFile yaml = new YamlFile(Shown.of(String.valueOf(file.getFileName())), keys, problems);
    try {
      yaml.compose(Files.readString(file)).ifPresent(root -> yaml.collect("", root));
    } catch (IOException e) {
      problems.add(
          new Place.InFile(Shown.of(file.toString()), 1, 1),
          "cannot be read (%s)".formatted(e.getClass().getSimpleName()));
    }
    return yaml.entries;
  }

  /** The section and those around it. */
  private static Stream<String> outer(String section) {
    return Stream.iterate(
        section,
        name -> !name.isEmpty(),
        name -> name.substring(0, Math.max(0, name.lastIndexOf('.'))));
  }

  private Optional<Node> compose(String text) {
    LoadSettings settings = LoadSettings.builder().setUseMarks(true).setLabel(fileName).build();
    try {
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      problems.add(
          place(e.getProblemMark()), "not YAML (%s)".formatted(withoutText(e.getProblem())));
    } catch (YamlEngineException e) {
      problems.add(
          new Place.InFile(fileName, 1, 1),
          "not YAML (%s)".formatted(Shown.of(String.valueOf(e.getMessage()))));
    }
    return Optional.empty();
  }

  private void collect(String prefix, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      if (!isEmpty(node)) {
        problems.add(place(node.getStartMark()), "expected keys and values below " + below(prefix));
      }
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key) {
        collect(prefix + key.getValue(), key, tuple.getValueNode());
      } else {
        problems.add(place(tuple.getKeyNode().getStartMark()), "expected a key");
      }
    }
  }

  /**
   * Goes deeper only into known sections, so that a node that contains itself (by alias) does no
   * harm.
   */
  private void collect(String name, ScalarNode key, Node value) {
    if (sections.contains(name)) {
      collect(name + ".", value);
    } else if (!names.contains(name)) {
      problems.add(place(key.getStartMark()), Shown.of(name) + ": unknown key" + didYouMean(name));
    } else if (!(value instanceof ScalarNode scalar) || isEmpty(value)) {
      problems.add(
          place(value.getStartMark()), name + ": expected one value. Give one or remove the key.");
    } else {
      Entry entry = new Entry(scalar.getValue(), place(value.getStartMark()));
      Entry earlier = entries.putIfAbsent(name, entry);
      if (earlier != null) {
        problems.add(
            entry.place(),
            "%s: set twice (first at %s). Remove one.".formatted(name, earlier.place()));
      }
    }
  }

  private String didYouMean(String name) {
    return Suggestion.of(name, names)
        .map(meant -> " (did you mean %s?). Rename or remove it.".formatted(meant))
        .orElse(". Remove it.");
  }

  /** A value that begins with * or ! is quoted by some problems, and may be a password. */
  private static String withoutText(String problem) {
    return problem.replaceFirst("(?s)^(found undefined (alias|tag handle)).*", "$1");
  }

  private static boolean isEmpty(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  private static String below(String prefix) {
    return prefix.isEmpty() ? "the top" : prefix.substring(0, prefix.length() - 1);
  }

  private Place place(Optional<Mark> mark) {
    return mark.map(at -> new Place.InFile(fileName, at.getLine() + 1, at.getColumn() + 1))
        .orElseGet(() -> new Place.InFile(fileName, 1, 1));
  }
}
