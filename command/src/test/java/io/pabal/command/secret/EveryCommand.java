// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.secret;

import io.pabal.command.Pabal;
import java.util.List;

/** A process that runs every command which reads the environment, one after the other. */
public final class EveryCommand {

  /** The commands, each with what it needs. */
  static final List<String> COMMANDS =
      List.of(
          "connector",
          "router",
          "timeline",
          "check --role connector",
          "check --role router",
          "check --role timeline",
          "tail messages",
          "connectors list",
          "connectors drain c1",
          "connectors remove c1",
          "sessions list",
          "sessions show bob",
          "sessions kick bob",
          "topics list",
          "topics check",
          "replay --from -1h",
          "rebuild",
          "missed --session bob");

  private EveryCommand() {}

  /** Prints the exit code of each. */
  public static void main(String[] args) {
    var pabal = Pabal.commandLine();
    for (String command : COMMANDS) {
      System.out.println(command + " -> " + pabal.execute(command.split(" ", -1)));
    }
    System.exit(0);
  }
}
