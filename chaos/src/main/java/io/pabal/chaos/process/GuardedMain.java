// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class for as long as the process that started this one lives: that one holds
 * the other end of this one's stdin, which ends when it does, however it does. Then this process
 * halts, and kills those that it started.
 */
public final class GuardedMain {

  private static final int EXIT_CODE = 1;

  private GuardedMain() {}

  /**
   * Runs a main class.
   *
   * @param args the name of the class, then its arguments
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    Thread.ofPlatform().daemon().name("guard").start(GuardedMain::haltWithParent);
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  private static void haltWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes; only the end counts.
      }
    } catch (IOException e) {
      System.err.println("stdin is gone: " + e.getMessage());
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
