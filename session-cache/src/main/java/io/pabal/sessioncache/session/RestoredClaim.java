// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The claim under which a lost session was written again.
 *
 * @param session the right to write to it
 * @param generation the generation of the session's bucket, see {@link SessionStore#generations}
 */
public record RestoredClaim(SessionClaim session, long generation) {}
