// SPDX-License-Identifier: Apache-2.0
/** What a connector writes for others: locations, its own state, evictions and session events. */
@NullMarked
package io.pabal.connector.control;

import org.jspecify.annotations.NullMarked;
