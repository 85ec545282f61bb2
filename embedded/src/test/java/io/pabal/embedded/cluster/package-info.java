// SPDX-License-Identifier: Apache-2.0

/** The embedded Redis Cluster, with real servers. */
@NullMarked
package io.pabal.embedded.cluster;

import org.jspecify.annotations.NullMarked;
