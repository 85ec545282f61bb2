// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.burst;

import io.netty.util.concurrent.Future;
import io.pabal.bench.client.Latencies;
import io.pabal.bench.client.LightClient;
import io.pabal.bench.mqtt.ClientLoop;
import io.pabal.bench.mqtt.Endpoint;
import io.pabal.bench.process.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Clients that connect at a steady rate, each once, and leave when they are let in. Its state is
 * used on its loop only.
 */
final class Connects implements LightClient.Listener {

  private final ClientLoop loop;
  private final Endpoint server;
  private final String name;
  private final Map<LightClient, Long> connecting = new HashMap<>();
  private final List<Long> delaysNanos = new ArrayList<>();
  private int begun;
  private int refused;

  Connects(ClientLoop loop, Endpoint server, String name) {
    this.loop = loop;
    this.server = server;
    this.name = name;
  }

  /** How long each took from the connect of its socket until CONNACK. Blocks until all are in. */
  Latencies observe(int perSecond, Duration time) throws Exception {
    loop.run(delaysNanos::clear);
    Future<?> begins = loop.every(TimeUnit.SECONDS.toNanos(1) / perSecond, this::begin);
    Thread.sleep(time);
    begins.cancel(false);
    Await.until("those that connect", () -> loop.call(connecting::isEmpty));
    return loop.call(
        () ->
            Latencies.of(
                delaysNanos.stream().mapToLong(Long::longValue).toArray(), delaysNanos.size()));
  }

  /** How many CONNECTs were refused; each of these clients was let in later. */
  int refused() throws Exception {
    return loop.call(() -> refused);
  }

  private void begin() {
    LightClient client = new LightClient(name + "-" + begun++, "", this);
    connecting.put(client, System.nanoTime());
    client.connect(loop, server, false);
  }

  @Override
  public void answered(LightClient client, int code, boolean sessionPresent) {
    if (code != 0) {
      refused++;
      return;
    }
    Long begunNanos = connecting.remove(client);
    if (begunNanos != null) {
      delaysNanos.add(System.nanoTime() - begunNanos);
    }
    client.close();
  }
}
