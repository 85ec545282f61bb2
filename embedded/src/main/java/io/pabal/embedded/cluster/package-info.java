// SPDX-License-Identifier: Apache-2.0

/**
 * A Redis Cluster of real redis-servers on loopback, with the faults and changes that such a
 * cluster lives through.
 */
@NullMarked
package io.pabal.embedded.cluster;

import org.jspecify.annotations.NullMarked;
