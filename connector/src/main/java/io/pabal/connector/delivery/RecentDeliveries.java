// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import java.util.List;

/**
 * Consecutive messages of one feed, oldest first, from its {@link DeliveryRing}.
 *
 * @param deliveries the messages; empty when the feed has none in the requested range
 * @param complete whether these are all messages of the requested range
 */
public record RecentDeliveries(List<Delivery> deliveries, boolean complete) {}
