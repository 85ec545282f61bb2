// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench storm-connect}: how soon all sessions are back. */
@Command(
    name = "storm-connect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Has all sessions of any MQTT server that runs already return at once, each with a few messages waiting, and",
      "measures until all are live and have them. A session that is refused tries again after a pause that doubles,",
      "from 0.1 to 5 s. Exits with 1 when a message was lost or came out of order, a session was forgotten, or one",
      "did not get live. (pabal bench storm has a pipeline of its own, and others that are live meanwhile.)"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench storm-connect",
      "  pabal bench storm-connect --sessions 2000 --messages 10"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class StormConnectCommand implements Callable<Integer> {

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "5000",
      description = "How many (default: 5000). Each needs a file descriptor (ulimit -n).")
  private int sessions;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "3",
      description = "Messages that each misses (default: 3).")
  private int messages;

  @Mixin private ReturnOptions returning;

  @Override
  public Integer call() throws Exception {
    return returning.measure("storm-connect", sessions, messages);
  }
}
