// SPDX-License-Identifier: Apache-2.0
/** The orderly end of a connector: its sessions are sent to other connectors, a few at a time. */
@NullMarked
package io.pabal.connector.drain;

import org.jspecify.annotations.NullMarked;
