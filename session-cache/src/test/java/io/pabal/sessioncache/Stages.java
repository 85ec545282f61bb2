// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Waits for stages in tests. */
public final class Stages {

  private Stages() {}

  /** The stage's result, within half a minute. */
  public static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
