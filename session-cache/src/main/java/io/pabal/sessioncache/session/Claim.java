// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A granted claim, and what was stored of the session.
 *
 * @param session the right to write to it
 * @param sessionPresent MQTT's Session Present: there was a session, and it goes on
 * @param sessionDropped whether there was a session that a clean start ends
 * @param begun whether the session goes on or has begun: nothing is left for {@link
 *     SessionStore#begin} to do
 * @param previousOwner who held it until now and has not released it; null when it was released, or
 *     new. May be the claiming connector itself
 * @param subscriptions of the session that goes on; empty when there is none
 * @param inFlight what its client may have been sent and has not acknowledged, in the order it was
 *     sent
 */
public record Claim(
    SessionClaim session,
    boolean sessionPresent,
    boolean sessionDropped,
    boolean begun,
    @Nullable Owner previousOwner,
    List<StoredSubscription> subscriptions,
    List<StoredDelivery> inFlight) {}
