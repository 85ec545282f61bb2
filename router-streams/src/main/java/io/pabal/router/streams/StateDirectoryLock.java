// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.router.config.RouterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Locks a state directory for one router. The operating system releases the lock when the process
 * ends for any reason. The lock file contains the process id of the router that holds the lock, or
 * held it last.
 */
public final class StateDirectoryLock implements AutoCloseable {

  private static final String FILE = "router.lock";

  private final FileChannel file;

  private StateDirectoryLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Locks the directory, and creates it if it is missing. Does not wait for another router's lock.
   *
   * @throws RouterException when another router holds the lock, or the directory cannot be written
   */
  public static StateDirectoryLock take(Path directory) {
    Path path = directory.resolve(FILE);
    try {
      Files.createDirectories(directory);
      FileChannel file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!tryLock(file)) {
        file.close();
        throw new RouterException(
            "router.stateDirectory: %s is in use by another router (process %s). Give each router a directory of its own, or stop the other one."
                .formatted(directory, Files.readString(path).strip()),
            null);
      }
      file.truncate(0);
      file.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(UTF_8)));
      return new StateDirectoryLock(file);
    } catch (IOException e) {
      throw new RouterException(
          "router.stateDirectory: %s cannot be written: %s (expected: a directory of this router's own)."
              .formatted(directory, e),
          e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new RouterException("router.stateDirectory: not released: " + e, e);
    }
  }

  private static boolean tryLock(FileChannel file) throws IOException {
    try {
      return file.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // another router of the same process holds the lock
    }
  }
}
