// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/**
 * One valid topic filter of a SUBSCRIBE (MQTT 5, 3.8.3).
 *
 * @param filter the topic filter; it has no wildcard, so it is the name of one address
 * @param options the granted options
 */
public record SubscribeRequest(String filter, SubscriptionOptions options) {}
