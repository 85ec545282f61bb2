// SPDX-License-Identifier: Apache-2.0
/** Records that are not messages: locations, connector states, evictions and session events. */
@NullMarked
package io.pabal.connector.control;

import org.jspecify.annotations.NullMarked;
