// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The run stage of the {@code Dockerfile}, carried out in a directory instead of an image: the
 * files that it copies, its environment, and its entry point.
 *
 * @param root what would be {@code /}
 * @param environment what {@code ENV} sets
 * @param entryPoint the words of {@code ENTRYPOINT}, with the paths below {@code root}
 */
record RunStage(Path root, Map<String, String> environment, List<String> entryPoint) {

  /** What the build stage leaves there is in this project after {@code mvn package}. */
  private static final String BUILD = "/build/";

  private static final Pattern COPY = Pattern.compile("COPY --from=build (/build/\\S+) (/\\S+)");
  private static final Pattern ENV = Pattern.compile("ENV (\\w+)=\"([^\"]*)\"");
  private static final Pattern ENTRY_POINT = Pattern.compile("ENTRYPOINT \\[(.*)]");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"");

  /** Copies what the {@code Dockerfile} of {@code project} copies into {@code root}. */
  static RunStage unpack(Path project, Path root) throws IOException {
    Map<String, String> environment = new TreeMap<>();
    List<String> entryPoint = new ArrayList<>();
    for (String line : Files.readAllLines(project.resolve("Dockerfile"))) {
      Matcher copy = COPY.matcher(line);
      if (copy.matches()) {
        copy(project, copy.group(1).substring(BUILD.length()), below(root, copy.group(2)));
      }
      Matcher env = ENV.matcher(line);
      if (env.matches()) {
        environment.put(env.group(1), env.group(2));
      }
      Matcher command = ENTRY_POINT.matcher(line);
      if (command.matches()) {
        WORD.matcher(command.group(1)).results().forEach(word -> entryPoint.add(word.group(1)));
      }
    }
    entryPoint.replaceAll(word -> word.replace("/opt/pabal", below(root, "/opt/pabal").toString()));
    return new RunStage(root, environment, entryPoint);
  }

  private static Path below(Path root, String path) {
    return root.resolve(path.substring(1));
  }

  private static void copy(Path project, String source, Path target) throws IOException {
    Path pattern = project.resolve(source);
    Files.createDirectories(target.getParent());
    try (DirectoryStream<Path> sources =
        Files.newDirectoryStream(pattern.getParent(), pattern.getFileName().toString())) {
      for (Path each : sources) {
        copyAll(each, target);
      }
    }
  }

  private static void copyAll(Path source, Path target) throws IOException {
    try (Stream<Path> all = Files.walk(source)) {
      for (Path each : all.toList()) {
        Files.copy(each, target.resolve(source.relativize(each).toString()));
      }
    }
  }
}
