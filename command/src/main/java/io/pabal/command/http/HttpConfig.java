// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

/**
 * Where metrics and health are read.
 *
 * @param host the address to bind; there is no authentication, so it should be one that only
 *     operators reach
 * @param port 0-65535, 0 for a free one
 */
public record HttpConfig(String host, int port) {}
