// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.redis;

/**
 * How much of one kind of work Redis did in one round.
 *
 * @param unit what one unit of the work is called, in the plural
 * @param perScript units that one script carries at most
 * @param perSecond units of the work a second, on this machine with one client
 * @param microsOfRedis processor time of Redis for one unit
 */
public record RedisRate(String unit, int perScript, double perSecond, double microsOfRedis) {

  private static final double MICROS_PER_SECOND = 1e6;

  /** Units of the work a second that would keep one core busy with Redis. */
  public double perCoreSecond() {
    return MICROS_PER_SECOND / microsOfRedis;
  }
}
