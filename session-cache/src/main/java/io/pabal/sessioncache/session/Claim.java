// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A granted claim, with the stored state of the session.
 *
 * @param session the right to write to it
 * @param generation the generation of the session's bucket, see {@link SessionStore#generations}
 * @param sessionPresent MQTT's Session Present: a stored session is resumed
 * @param sessionDropped whether a clean start ends a stored session
 * @param begun whether the session is resumed or has begun already: {@link SessionStore#begin} need
 *     not be called
 * @param previousOwner the owner of the last claim, if it has not released the session; null when
 *     the session was released or is new. May be the claiming connector itself
 * @param feeds the subscriptions of the resumed session with their cursors, by feed; empty for a
 *     new session
 * @param inFlight the deliveries that the client may have received and has not acknowledged, in the
 *     order of sending
 */
public record Claim(
    SessionClaim session,
    long generation,
    boolean sessionPresent,
    boolean sessionDropped,
    boolean begun,
    @Nullable Owner previousOwner,
    List<StoredFeed> feeds,
    List<StoredDelivery> inFlight)
    implements ClaimReply {}
