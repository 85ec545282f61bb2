// SPDX-License-Identifier: Apache-2.0

/** Publishers and subscribers on an off-the-shelf MQTT client. */
@NullMarked
package io.pabal.chaos.client;

import org.jspecify.annotations.NullMarked;
