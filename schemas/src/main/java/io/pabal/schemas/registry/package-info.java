// SPDX-License-Identifier: Apache-2.0

/** Schema ids that a registry with Confluent's REST API gives and explains. */
@NullMarked
package io.pabal.schemas.registry;

import org.jspecify.annotations.NullMarked;
