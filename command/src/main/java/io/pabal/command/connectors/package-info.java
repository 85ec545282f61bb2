// SPDX-License-Identifier: Apache-2.0

/** {@code pabal connectors}: which there are, and how one goes. */
@NullMarked
package io.pabal.command.connectors;

import org.jspecify.annotations.NullMarked;
