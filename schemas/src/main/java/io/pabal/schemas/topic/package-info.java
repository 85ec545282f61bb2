// SPDX-License-Identifier: Apache-2.0
/** The topics: names, keys, partitions and retention, and how they are created and checked. */
@NullMarked
package io.pabal.schemas.topic;

import org.jspecify.annotations.NullMarked;
