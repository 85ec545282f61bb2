// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.bench.server;

import static io.pabal.command.Bounds.between;

import io.pabal.bench.load.IdleBench;
import io.pabal.bench.load.plan.IdlePlan;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pabal bench idle}: many sessions with few messages. */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Connects many sessions to any MQTT server that runs already, each subscribed to an address of its own, and",
      "holds them, with pings spread over the keep-alive. With --rounds they leave and come again before that, as",
      "often as it takes to have the rate of a server that is warm. Exits with 1 when a connection ended meanwhile,",
      "or a message of --probe-rate was lost or came out of order."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal bench idle --sessions 5000 --server-pid $(pidof mosquitto)",
      "  pabal bench idle --sessions 19000 --probe-rate 100 --seconds 120",
      "  pabal bench idle --sessions 10000 --rounds 10 --seconds 1",
      "  pabal bench idle --sessions 9000 --connecting 9000 --persistent --live-rate 500 --rounds 3 --seconds 1",
      "  pabal bench idle --sessions 100000 --source-addresses 4"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class IdleCommand implements Callable<Integer> {

  private static final int SESSIONS_MAX = 5_000_000;
  private static final int RATE_MAX = 100_000;
  private static final int CONNECTING_MAX = 100_000;
  private static final int LIVE_CONNECTIONS = 21;
  private static final int LIVE_RATE_MAX = 10_000;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many (default: 10000). Each needs a file descriptor (ulimit -n).")
  private int sessions;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "How long they are held, in the last round (default: 60).")
  private int seconds;

  @Option(
      names = "--probe-rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Messages per second to every 100th session, in turn (default: 0).")
  private double probesPerSecond;

  @Option(
      names = "--live-rate",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Messages per second to 20 further sessions; their latency before and while the others connect is measured",
        "(default: 0)."
      })
  private int livePerSecond;

  @Option(
      names = "--persistent",
      description = "The sessions are kept while they are disconnected, until each round ends.")
  private boolean persistent;

  @Option(
      names = "--connecting",
      paramLabel = "N",
      defaultValue = "200",
      description = {
        "Sessions that are under way at once, between the connect of the socket and SUBACK; as soon as one is",
        "through, the next begins (default: 200)."
      })
  private int connecting;

  @Mixin private RoundOptions rounds;
  @Mixin private ServerOptions server;

  @Override
  public Integer call() throws Exception {
    between("--sessions", sessions, 1, SESSIONS_MAX);
    between("--seconds", seconds, 1, TrafficOptions.SECONDS_MAX);
    between("--probe-rate", probesPerSecond, 0, RATE_MAX);
    between("--live-rate", livePerSecond, 0, LIVE_RATE_MAX);
    between("--connecting", connecting, 1, CONNECTING_MAX);
    var plan =
        new IdlePlan(
            sessions,
            persistent,
            connecting,
            rounds.rounds(),
            rounds.settle(),
            Duration.ofSeconds(seconds),
            livePerSecond,
            probesPerSecond);
    return server.measure(
        sessions + 1L + (livePerSecond > 0 ? LIVE_CONNECTIONS : 0),
        (target, progress) -> new IdleBench(target, plan, progress).run());
  }
}
