// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/** One valid topic filter of a SUBSCRIBE: so far an address. */
public record SubscribeRequest(String address, SubscriptionOptions options) {}
