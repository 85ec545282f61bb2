// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

/**
 * The HTTP endpoint for metrics and health.
 *
 * @param host the address to bind; there is no authentication, so only operators should be able to
 *     reach the address
 * @param port 0-65535, 0 for a free one
 */
public record HttpConfig(String host, int port) {}
