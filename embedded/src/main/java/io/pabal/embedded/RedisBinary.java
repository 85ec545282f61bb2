// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

/** The redis-server program: the bundled one for this platform, or else the one on PATH. */
final class RedisBinary {

  static final String NAME = "redis-server";
  private static final long VERSION_TIMEOUT_SECONDS = 10;
  private static final int BUSY_ATTEMPTS_MAX = 100;
  private static final long BUSY_POLL_MILLIS = 20;

  /** The program found for each directory, so that a directory's servers share one file. */
  private static final Map<Path, Path> FOUND = new HashMap<>();

  private RedisBinary() {}

  /**
   * A redis-server that runs on this machine.
   *
   * @param directory the directory into which the bundled redis-server is unpacked, once
   * @throws IOException when no redis-server runs on this machine
   */
  static Path find(Path directory) throws IOException {
    synchronized (FOUND) {
      Path found = FOUND.get(directory);
      if (found == null || !Files.isExecutable(found)) {
        found = search(directory);
        FOUND.put(directory, found);
      }
      return found;
    }
  }

  private static Path search(Path directory) throws IOException {
    List<Path> candidates = new ArrayList<>();
    unpack(directory).ifPresent(candidates::add);
    onPath(NAME).ifPresent(candidates::add);
    for (Path candidate : candidates) {
      if (runs(candidate)) {
        return candidate;
      }
    }
    throw new IOException(
        "no redis-server runs on this machine (tried: %s). Install Redis 6.2 or newer, or use an existing one."
            .formatted(candidates));
  }

  /** The first executable of this name on PATH. */
  static Optional<Path> onPath(String name) {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Optional<Path> unpack(Path directory) throws IOException {
    String resource = resourceName();
    if (resource == null) {
      return Optional.empty();
    }
    Path binary = directory.resolve(NAME);
    try (InputStream in = ExecutableProvider.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      Files.copy(in, binary, StandardCopyOption.REPLACE_EXISTING);
    }
    return binary.toFile().setExecutable(true) ? Optional.of(binary) : Optional.empty();
  }

  private static @Nullable String resourceName() {
    try {
      return ExecutableProvider.newProvidedVersionsMap()
          .get(OsArchitecture.detectOSandArchitecture());
    } catch (RuntimeException e) {
      return null;
    }
  }

  private static boolean runs(Path binary) {
    try {
      Process process = startVersion(binary);
      if (!process.waitFor(VERSION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Tries again while the file is busy (ETXTBSY): another thread may have started a process while
   * the file was written, and that process has the file open until it runs its own program.
   */
  private static Process startVersion(Path binary) throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(binary.toString(), "--version")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    for (int attempt = 1; ; attempt++) {
      try {
        return command.start();
      } catch (IOException e) {
        if (attempt == BUSY_ATTEMPTS_MAX || !String.valueOf(e.getMessage()).contains("error=26")) {
          throw e;
        }
        Thread.sleep(BUSY_POLL_MILLIS);
      }
    }
  }
}
