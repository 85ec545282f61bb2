// SPDX-License-Identifier: Apache-2.0
/** What the timelines no longer have, read from {@code messages} itself. Knows no session. */
@NullMarked
package io.pabal.connector.history;

import org.jspecify.annotations.NullMarked;
