// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench resume}: how fast sessions get many missed messages. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Has persistent sessions leave any MQTT server that runs already, publishes to each, has all return at once,",
      "and measures how fast they get what they missed; with --rounds, again and again. Exits with 1 when a message",
      "was lost or came out of order, a session was forgotten, or one did not get live."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench resume --rounds 10",
      "  pabal bench resume --sessions 1000 --messages 100"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class ResumeCommand implements Callable<Integer> {

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "200",
      description = "How many sessions (default: 200).")
  private int sessions;

  @Option(
      names = "--messages",
      paramLabel = "N",
      defaultValue = "500",
      description = "Messages that each misses (default: 500).")
  private int messages;

  @Mixin private ReturnOptions returning;

  @Override
  public Integer call() throws Exception {
    return returning.measure("resume", sessions, messages);
  }
}
