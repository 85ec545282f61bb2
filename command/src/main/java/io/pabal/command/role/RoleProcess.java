// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.netty.util.NetUtil;
import io.pabal.command.foreground.Foreground;
import io.pabal.command.foreground.Part;
import io.pabal.command.http.HttpConfig;
import io.pabal.command.http.HttpEndpoint;
import io.pabal.command.http.Monitor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * A process that runs one role. The process serves health and metrics over HTTP, already before the
 * role has started.
 */
public final class RoleProcess {

  private RoleProcess() {}

  /**
   * Runs a role. Prints the addresses of the role and of the HTTP port on the output of {@code
   * command}, once the role is ready. Blocks until the process ends.
   *
   * @param part the name under which the monitor watches the role
   * @return the exit code
   */
  static int run(
      CommandLine command,
      String role,
      String part,
      HttpConfig http,
      Function<Monitor, Part> start) {
    return Foreground.run(
        command.getErr(),
        foreground -> {
          Monitor monitor = new Monitor();
          monitor.expect(part);
          Part endpoint = foreground.start("http", () -> http(http, monitor)).join();
          Part running = foreground.start(role, () -> start.apply(monitor)).join();
          command
              .getOut()
              .printf(
                  "%-10s %s%n%-10s %s%nPabal %s is ready%n",
                  endpoint.name(), endpoint.address(), running.name(), running.address(), role);
        });
  }

  /** Opens the HTTP port as a part. Blocks. */
  public static Part http(HttpConfig config, Monitor monitor) throws InterruptedException {
    HttpEndpoint endpoint = HttpEndpoint.open(config, monitor);
    CompletableFuture<Void> terminated = new CompletableFuture<>();
    return new Part(
        "http",
        "http://%s/metrics".formatted(NetUtil.toSocketAddressString(endpoint.address())),
        terminated,
        () -> {
          endpoint.close();
          monitor.close();
          terminated.complete(null);
        });
  }
}
