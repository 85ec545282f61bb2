// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.up;

import io.pabal.command.UsageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of everything that {@code pabal up} keeps, locked by one process at a time. The
 * file {@value #MARKER} marks the directory as Pabal's, so that Pabal may empty the directory. The
 * file carries the lock and the pid of the process that holds the lock.
 */
final class DataDirectory implements AutoCloseable {

  static final String MARKER = ".pabal-data";
  private static final String FIRST_LINE =
      "The data of one pabal up. In use, or last used, by process ";

  private final Path path;
  private final FileChannel marker;

  private DataDirectory(Path path, FileChannel marker) {
    this.path = path;
    this.marker = marker;
  }

  /**
   * Creates the directory when it does not exist, and locks it.
   *
   * @throws UsageException when the directory holds other data than Pabal's, or another process
   *     holds the lock
   */
  static DataDirectory open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    if (Files.exists(absolute) && !isOurs(absolute) && !isEmptyDirectory(absolute)) {
      throw new UsageException(
          "--data: %s (expected: a new or empty directory, or one that pabal up made). Choose another one with --data."
              .formatted(path));
    }
    Files.createDirectories(absolute);
    FileChannel marker =
        FileChannel.open(
            absolute.resolve(MARKER),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (tryLock(marker) == null) {
      marker.close();
      throw new UsageException(
          "--data: %s (expected: a directory that no other pabal up uses; process %s does). Stop that one or choose another directory with --data."
              .formatted(path, holder(absolute)));
    }
    marker.truncate(0);
    marker.write(StandardCharsets.UTF_8.encode(FIRST_LINE + ProcessHandle.current().pid() + "\n"));
    return new DataDirectory(absolute, marker);
  }

  Path kafka() {
    return path.resolve("kafka");
  }

  Path redis() {
    return path.resolve("redis");
  }

  Path redisCluster() {
    return path.resolve("redis-cluster");
  }

  Path registry() {
    return path.resolve("registry");
  }

  Path router() {
    return path.resolve("router");
  }

  Path log() {
    return path.resolve("pabal.log");
  }

  /** Deletes everything in the directory except the marker file. Follows no links. */
  void clear() throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.equals(path.resolve(MARKER))) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            if (!directory.equals(path)) {
              Files.delete(directory);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Releases the lock. */
  @Override
  public void close() throws IOException {
    marker.close();
  }

  private static boolean isOurs(Path path) {
    return Files.isRegularFile(path.resolve(MARKER));
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  private static @Nullable FileLock tryLock(FileChannel marker) throws IOException {
    try {
      return marker.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(Path path) throws IOException {
    return Files.readString(path.resolve(MARKER)).strip().replace(FIRST_LINE, "");
  }
}
