// SPDX-License-Identifier: Apache-2.0

/** Schema ids and schemas from a registry with Confluent's REST API. */
@NullMarked
package io.pabal.schemas.registry;

import org.jspecify.annotations.NullMarked;
