// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

/** One kind of work for Redis. Used by one thread. */
public interface RedisLoad {

  /** What one unit of the work is called, in the plural. */
  String unit();

  /** The number of units that one script carries at most. */
  int perScript();

  /** Does some units of the work, as many at once as a busy part does, and returns how many. */
  int run() throws Exception;
}
