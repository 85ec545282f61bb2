// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Waits for stages in tests. */
public final class Stages {

  private Stages() {}

  /** The stage's result, waited for. */
  public static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(Patience.MAX.toSeconds(), TimeUnit.SECONDS).join();
  }
}
