// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import io.pabal.command.ExitCode;
import io.pabal.command.log.Logs;

/**
 * The process that this one must not outlive. Measurements and tests start processes with the
 * system property {@value #PROPERTY}, so that no process remains when a measurement or a test is
 * killed.
 */
public final class Parent {

  private static final String PROPERTY = "pabal.parent";

  private Parent() {}

  /** Halts this process when the process whose pid is in {@value #PROPERTY} ends. */
  public static void endWithIt() {
    Long pid = Long.getLong(PROPERTY);
    if (pid == null) {
      return;
    }
    ProcessHandle.of(pid)
        .ifPresentOrElse(
            parent -> {
              var _ = parent.onExit().thenRun(Parent::halt);
            },
            Parent::halt);
  }

  private static void halt() {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Logs.flush();
    Runtime.getRuntime().halt(ExitCode.FAILED);
  }
}
