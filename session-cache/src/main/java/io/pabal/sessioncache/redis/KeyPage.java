// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import java.util.List;

/**
 * One step of a walk over Redis's keys.
 *
 * @param keys some keys, perhaps none; a key may come more than once in a walk
 * @param next where the next step begins; {@link #START} when the walk is over
 */
public record KeyPage(List<String> keys, String next) {

  /** Where a walk begins. */
  public static final String START = "0";
}
