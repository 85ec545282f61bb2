// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The image under test: the one that the system property {@value #PROPERTY} names, or else the one
 * that {@code docker build} makes of the project now. Not built through the engine's own API, whose
 * builder does not know {@code RUN --mount}.
 */
final class PabalImage {

  private static final String PROPERTY = "pabal.image";
  private static final String BUILT = "pabal:end-to-end";

  private PabalImage() {}

  /** Its name. Blocks until it is built. */
  static String name() throws IOException, InterruptedException {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      return given;
    }
    Process build =
        new ProcessBuilder(List.of("docker", "build", "--tag", BUILT, "."))
            .directory(Path.of("..").toFile())
            .redirectErrorStream(true)
            .start();
    build.getOutputStream().close();
    String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (build.waitFor() != 0) {
      throw new IllegalStateException("docker build failed:\n" + output);
    }
    return BUILT;
  }
}
