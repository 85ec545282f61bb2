// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.ServerUnreachableException;
import io.pabal.bench.load.figure.LoadReport;
import io.pabal.bench.load.plan.Capacity;
import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.mqtt.Protocol;
import io.pabal.bench.process.ProcessCost;
import io.pabal.command.ExitCode;
import io.pabal.command.UnreachableException;
import io.pabal.command.UsageException;
import io.pabal.command.output.OutputOptions;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The flags of all commands that put load on a server that runs already. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class ServerOptions {

  private static final int KEEP_ALIVE_SECONDS_MIN = 2;
  private static final int U16_MAX = 65_535;
  private static final int LOOPS_MAX = 64;
  private static final int PATIENCE_SECONDS_MAX = 3_600;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Where the server is (default: 127.0.0.1).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "1883",
      description = "Its port for MQTT over TCP (default: 1883).")
  private int port;

  @Option(
      names = "--protocol",
      paramLabel = "N",
      defaultValue = "5",
      description = "5 for MQTT 5, 3 for MQTT 3.1.1 (default: 5).")
  private int protocol;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      split = ",",
      description =
          "The server's processes: their CPU time and memory is read from /proc (Linux only).")
  private List<Long> processes = new ArrayList<>();

  @Option(
      names = "--source-addresses",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Connect from N addresses, 127.0.0.1 and on (default: 1). One has some 28000 ports on Linux.")
  private int sourceAddresses;

  @Option(
      names = "--loops",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that the clients run on (default: 1).")
  private int loops;

  @Option(
      names = "--keep-alive",
      paramLabel = "S",
      defaultValue = "60",
      description =
          "Keep-alive of every connection in seconds (default: 60); two pings in that time.")
  private int keepAliveSeconds;

  @Option(
      names = "--receive-maximum",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Receive Maximum of every subscriber, MQTT 5 only (default: 0, which does not send it).")
  private int receiveMaximum;

  @Option(
      names = "--patience",
      paramLabel = "S",
      defaultValue = "30",
      description = "Give up when nothing happens for S seconds (default: 30).")
  private int patienceSeconds;

  @Mixin private OutputOptions output;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** A measurement of a server that runs already. */
  @FunctionalInterface
  interface Measurement {
    LoadReport run(Target target, Consumer<String> progress) throws Exception;
  }

  /** A measurement with a report of its own. */
  @FunctionalInterface
  interface OwnMeasurement<T> {
    T run(Target target, Consumer<String> progress) throws Exception;
  }

  /** Measures with {@code connections} connections, prints the report, returns the exit code. */
  int measure(long connections, Measurement measurement) throws Exception {
    Target target = target(connections);
    var commandLine = spec.commandLine();
    LoadReport report;
    try {
      report = measurement.run(target, line -> commandLine.getErr().println("pabal: " + line));
    } catch (ServerUnreachableException e) {
      throw new UnreachableException(String.valueOf(e.getMessage()), e);
    }
    output.print(report::printTable, report::printJson);
    return report.passed() ? ExitCode.OK : ExitCode.FAILED;
  }

  /** As {@link #measure}, for a measurement with a report of its own; returns that report. */
  <T> T measured(long connections, OwnMeasurement<T> measurement) throws Exception {
    Target target = target(connections);
    var commandLine = spec.commandLine();
    return measurement.run(target, line -> commandLine.getErr().println("pabal: " + line));
  }

  /** Prints a report in the requested format on the command's output. */
  void print(Consumer<PrintWriter> table, Consumer<PrintWriter> json) {
    output.print(table, json);
  }

  private Target target(long connections) {
    between("--port", port, 1, U16_MAX);
    between("--source-addresses", sourceAddresses, 1, Endpoint.SOURCE_ADDRESSES_MAX);
    between("--loops", loops, 1, LOOPS_MAX);
    between("--keep-alive", keepAliveSeconds, KEEP_ALIVE_SECONDS_MIN, U16_MAX);
    between("--receive-maximum", receiveMaximum, 0, U16_MAX);
    between("--patience", patienceSeconds, 1, PATIENCE_SECONDS_MAX);
    if (protocol != 3 && protocol != 5) {
      throw new UsageException(
          "--protocol: %d (expected: 5 for MQTT 5, 3 for MQTT 3.1.1).".formatted(protocol));
    }
    var server = new InetSocketAddress(resolved(), port);
    if (sourceAddresses > 1 && !server.getAddress().isLoopbackAddress()) {
      throw new UsageException(
          "--source-addresses: %d (expected: 1 for a server that is not on this machine, as %s is)."
              .formatted(sourceAddresses, host));
    }
    for (long pid : processes) {
      if (!ProcessCost.isReadable(pid)) {
        throw new UsageException(
            "--server-pid: %d (expected: a process of this machine, on Linux).".formatted(pid));
      }
    }
    Capacity.shortage(connections, sourceAddresses)
        .ifPresent(
            shortage -> {
              throw new UsageException(shortage);
            });
    return new Target(
        new Endpoint(server, protocol == 3 ? Protocol.MQTT_3 : Protocol.MQTT_5, sourceAddresses),
        processes,
        loops,
        keepAliveSeconds,
        receiveMaximum,
        Duration.ofSeconds(patienceSeconds));
  }

  private InetAddress resolved() {
    try {
      return InetAddress.getAllByName(host)[0];
    } catch (UnknownHostException e) {
      throw new UsageException(
          "--host: %s (expected: a name or address that can be resolved).".formatted(host));
    }
  }
}
