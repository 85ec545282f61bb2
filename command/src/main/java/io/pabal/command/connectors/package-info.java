// SPDX-License-Identifier: Apache-2.0

/** {@code pabal connectors}: lists, drains and removes connectors. */
@NullMarked
package io.pabal.command.connectors;

import org.jspecify.annotations.NullMarked;
