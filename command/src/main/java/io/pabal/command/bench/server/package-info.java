// SPDX-License-Identifier: Apache-2.0

/** The commands that put load on an MQTT server which runs already. */
@NullMarked
package io.pabal.command.bench.server;

import org.jspecify.annotations.NullMarked;
