// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.junit.jupiter.Testcontainers;

/**
 * The image, with Kafka, Redis and a schema registry as containers. Skipped where no Docker engine
 * answers.
 */
@Testcontainers(disabledWithoutDocker = true)
class ContainersTest extends CoreScenarios {

  private static @Nullable ContainerPipeline pipeline;

  @BeforeAll
  static void start() throws Exception {
    pipeline = ContainerPipeline.start(PabalImage.name());
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
