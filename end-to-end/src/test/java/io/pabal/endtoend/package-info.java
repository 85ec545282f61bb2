// SPDX-License-Identifier: Apache-2.0
/**
 * The whole pipeline under off-the-shelf MQTT clients: what users are promised, seen from outside.
 */
@NullMarked
package io.pabal.endtoend;

import org.jspecify.annotations.NullMarked;
