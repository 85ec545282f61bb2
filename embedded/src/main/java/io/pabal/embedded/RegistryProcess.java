// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * The main class of the registry's process. It runs the server, and ends when the process that
 * started it ends for any reason.
 */
public final class RegistryProcess {

  private static final String SERVER = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";
  private static final String PARENT = "pabal.parent";

  private RegistryProcess() {}

  /** Runs the server with {@code arguments}. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    ProcessHandle.of(Long.getLong(PARENT, 0L))
        .ifPresentOrElse(
            parent -> {
              var _ = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
            },
            () -> Runtime.getRuntime().halt(1));
    Class.forName(SERVER).getMethod("main", String[].class).invoke(null, (Object) arguments);
  }

  /** The arguments of a JVM that runs the server in {@code runner} as a child of this process. */
  static List<String> arguments(Path runner) {
    return List.of(
        "-D" + PARENT + "=" + ProcessHandle.current().pid(),
        "-cp",
        location() + File.pathSeparator + runner.toAbsolutePath(),
        RegistryProcess.class.getName());
  }

  private static Path location() {
    try {
      return Path.of(
          RegistryProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
