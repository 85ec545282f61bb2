// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.process;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class for as long as the parent process lives. The parent holds the other end
 * of this process's stdin, so stdin ends when the parent ends for any reason. Then this process
 * kills its descendants and halts.
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
        // Input is ignored; only the end of stdin matters.
      }
    } catch (IOException e) {
      System.err.println("stdin is gone: " + e.getMessage());
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
