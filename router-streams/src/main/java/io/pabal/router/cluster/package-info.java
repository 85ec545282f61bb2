// SPDX-License-Identifier: Apache-2.0
/**
 * The state of the cluster that a router reads from the brokers: connectors, deliveries topics and
 * end offsets.
 */
@NullMarked
package io.pabal.router.cluster;

import org.jspecify.annotations.NullMarked;
