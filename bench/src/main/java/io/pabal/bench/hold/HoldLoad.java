// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

/**
 * What a connector holds.
 *
 * @param sessions each subscribed to an address of its own, at least 100
 * @param clean whether sessions end with their connections; else they are kept for an hour
 * @param window sessions that may be connecting at a time
 * @param seconds how long they are held
 * @param keepAliveSeconds of each client
 * @param messagesPerSecond to one session in a hundred, in turn, while they are held
 */
public record HoldLoad(
    int sessions,
    boolean clean,
    int window,
    int seconds,
    int keepAliveSeconds,
    int messagesPerSecond) {}
