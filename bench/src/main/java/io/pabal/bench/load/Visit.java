// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.plan.Target;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Connection;
import io.pabal.bench.mqtt.SessionOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connects and disconnects one client, to check that the server answers. */
final class Visit implements Connection.Listener {

  private final CompletableFuture<String> trouble = new CompletableFuture<>();

  private Visit() {}

  /**
   * Connects and disconnects.
   *
   * @throws ServerUnreachableException when the client cannot connect, is refused or gets no answer
   */
  static void pay(ClientLoop loop, Target target, String clientId)
      throws ServerUnreachableException {
    var visit = new Visit();
    var connection =
        new Connection(loop, target.endpoint(), 0, clientId, SessionOptions.TRANSIENT, visit);
    loop.execute(() -> connection.connect(true));
    String why;
    try {
      why = visit.trouble.get(target.patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      why = "no answer to CONNECT within %d s".formatted(target.patience().toSeconds());
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    if (!why.isEmpty()) {
      throw new ServerUnreachableException(
          "no MQTT server at %s: %s. Start it, or name another by --host and --port."
              .formatted(target.endpoint(), why));
    }
  }

  @Override
  public void ready(Connection connection, boolean sessionPresent) {
    connection.disconnect(false);
    trouble.complete("");
  }

  @Override
  public void refused(Connection connection, int reasonCode) {
    trouble.complete("CONNECT refused with 0x%02X".formatted(reasonCode));
  }

  @Override
  public void failed(Connection connection, String why) {
    trouble.complete(why);
  }
}
