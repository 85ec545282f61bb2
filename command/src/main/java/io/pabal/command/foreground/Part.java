// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import java.util.concurrent.CompletionStage;

/**
 * Something that runs until it is closed.
 *
 * @param name what it is called in what the operator reads
 * @param address where it is reached, or what it connects
 * @param terminated completes when it does not run any more
 * @param running closes it
 */
public record Part(
    String name, String address, CompletionStage<Void> terminated, AutoCloseable running) {}
