// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import java.util.List;

/**
 * One page of a walk over the keys of Redis.
 *
 * @param keys the keys of this page, possibly none; a walk may return a key more than once
 * @param next the cursor of the next page; {@link #START} after the last page
 */
public record KeyPage(List<String> keys, String next) {

  /** The cursor of the first page. */
  public static final String START = "0";
}
