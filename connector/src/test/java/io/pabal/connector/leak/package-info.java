// SPDX-License-Identifier: Apache-2.0
/** Makes a reported buffer leak fail the build; packed into this module's test-jar for others. */
@NullMarked
package io.pabal.connector.leak;

import org.jspecify.annotations.NullMarked;
