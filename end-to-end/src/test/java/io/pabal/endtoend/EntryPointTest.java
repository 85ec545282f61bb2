// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The roles as the {@code Dockerfile} starts them, without Docker. */
class EntryPointTest extends CoreScenarios {

  @TempDir static Path directory;

  private static @Nullable ProcessPipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    UpProcess.assumeBuilt();
    pipeline = ProcessPipeline.start(directory);
  }

  @AfterAll
  static void stop() {
    if (pipeline != null) {
      pipeline.close();
    }
  }

  @Override
  DeployedPipeline pipeline() {
    return Objects.requireNonNull(pipeline);
  }
}
