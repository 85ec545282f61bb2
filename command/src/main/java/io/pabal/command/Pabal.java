// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import io.pabal.command.bench.BenchCommand;
import io.pabal.command.chaos.ChaosCommand;
import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.connectors.ConnectorsCommand;
import io.pabal.command.foreground.Failure;
import io.pabal.command.foreground.Parent;
import io.pabal.command.log.Logs;
import io.pabal.command.output.Printable;
import io.pabal.command.plan.PlanCommand;
import io.pabal.command.recovery.MissedCommand;
import io.pabal.command.recovery.RebuildCommand;
import io.pabal.command.recovery.ReplayCommand;
import io.pabal.command.role.CheckCommand;
import io.pabal.command.role.ConfigCommand;
import io.pabal.command.role.ConnectorCommand;
import io.pabal.command.role.RouterCommand;
import io.pabal.command.role.TimelineCommand;
import io.pabal.command.sessions.SessionsCommand;
import io.pabal.command.tail.TailCommand;
import io.pabal.command.topics.TopicsCommand;
import io.pabal.command.up.BrokerCommand;
import io.pabal.command.up.RedisCommand;
import io.pabal.command.up.UpCommand;
import io.pabal.telemetry.FatalError;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The {@code pabal} command. */
@Command(
    name = "pabal",
    description = "Message delivery over MQTT, with Kafka as the road.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      UpCommand.class,
      ConnectorCommand.class,
      RouterCommand.class,
      TimelineCommand.class,
      CheckCommand.class,
      ConfigCommand.class,
      TailCommand.class,
      ConnectorsCommand.class,
      SessionsCommand.class,
      TopicsCommand.class,
      PlanCommand.class,
      ReplayCommand.class,
      RebuildCommand.class,
      MissedCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      BrokerCommand.class,
      RedisCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal up                                   everything, on this machine",
      "  pabal config connector > connector.yaml    an example configuration",
      "  pabal check --config connector.yaml        is it right?",
      "  pabal connector --config connector.yaml    one connector",
      "",
      "Exit codes: 0 done or stopped on request, 1 failed while running, 2 wrong usage or"
          + " configuration,",
      "            3 a broker, Redis, schema registry or MQTT server cannot be reached or used,",
      "            4 what was asked for does not exist."
    })
public final class Pabal {

  private static final int MESSAGE_CHARS_MAX = 8_192;

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    Parent.endWithIt();
    Thread.setDefaultUncaughtExceptionHandler(Pabal::threadFailed);
    FatalError.beforeHalt(Logs::flush);
    Runtime.getRuntime().addShutdownHook(new Thread(Logs::flush, "log-flush"));
    // Digits and decimal points do not depend on the locale, since scripts read them.
    Locale.setDefault(Locale.ROOT);
    CommandLine commandLine = commandLine();
    commandLine.setOut(utf8(System.out));
    commandLine.setErr(utf8(System.err));
    int exitCode = commandLine.execute(Arguments.decoded(args));
    Logs.flush();
    System.exit(exitCode);
  }

  /** Logs the failure that ended a thread, since no other code handles the failure. */
  private static void threadFailed(Thread thread, Throwable failure) {
    FatalError.endProcessIf(failure);
    LoggerFactory.getLogger(Pabal.class).error("thread failed name={}", thread.getName(), failure);
  }

  /** The command, which writes data to its out and everything else to its err. */
  public static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Pabal());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    // A client identifier or an address may begin with @.
    commandLine.setExpandAtFiles(false);
    commandLine.setParameterExceptionHandler((e, args) -> usageError(e, args));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> failure(e, command));
    return commandLine;
  }

  /** Returns a writer of UTF-8 to {@code stream}, regardless of the stream's own encoding. */
  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  private static int usageError(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("pabal: " + printable(UsageErrors.messageOf(e, args)));
    command.getErr().printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    return ExitCode.USAGE;
  }

  private static int failure(Exception e, CommandLine command) {
    if (e instanceof UsageException || e instanceof ConfigException) {
      command.getErr().println(printable(e.getMessage()));
      return ExitCode.USAGE;
    }
    command.getErr().println("pabal: " + Printable.of(Failure.messageOf(e), MESSAGE_CHARS_MAX));
    if (e instanceof NotFoundException) {
      return ExitCode.NOT_FOUND;
    }
    return Failure.exitCodeOf(e);
  }

  /** Escapes a message and keeps its line breaks: each of several problems has its own line. */
  private static String printable(@Nullable String message) {
    return Printable.lines(String.valueOf(message), MESSAGE_CHARS_MAX);
  }
}
