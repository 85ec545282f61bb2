// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.plan;

import io.pabal.bench.mqtt.Endpoint;
import java.time.Duration;
import java.util.List;

/**
 * The server that is measured, and the settings that all measurements share.
 *
 * @param endpoint the server's address
 * @param processes its process identifiers, whose CPU time and memory are read; empty for none
 * @param loops threads of this process that the clients run on
 * @param keepAliveSeconds of every connection, at least 2; each is pinged twice in that time
 * @param receiveMaximum of every subscriber; 0 leaves it to the protocol
 * @param patience how long a measurement waits without progress before it gives up
 */
public record Target(
    Endpoint endpoint,
    List<Long> processes,
    int loops,
    int keepAliveSeconds,
    int receiveMaximum,
    Duration patience) {}
