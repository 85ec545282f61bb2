// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.netty.util.internal.PlatformDependent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limit of the direct memory that Netty's buffers are in, for the whole process. Without one it
 * would be as large as the heap, and both together larger than what a container has.
 */
public final class DirectMemoryLimit {

  /** The part of the greatest heap that the limit is when none is configured. */
  public static final int HEAP_DIVISOR = 4;

  /** The least limit when none is configured. */
  public static final long BYTES_MIN = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(DirectMemoryLimit.class);
  private static final String PROPERTY = "io.netty.maxDirectMemory";

  private DirectMemoryLimit() {}

  /** The limit when none is configured. */
  public static long bytesDefault() {
    return Math.max(BYTES_MIN, Runtime.getRuntime().maxMemory() / HEAP_DIVISOR);
  }

  /**
   * Sets the limit, unless the JVM was started with one ({@code -Dio.netty.maxDirectMemory}). To be
   * called before anything of Netty is used: it reads the limit once.
   */
  public static void set(long bytes) {
    if (System.getProperty(PROPERTY) != null) {
      return;
    }
    System.setProperty(PROPERTY, Long.toString(bytes));
    if (PlatformDependent.maxDirectMemory() != bytes) {
      log.warn(
          "direct memory has another limit, it was used before maxBytes={} expected={}",
          PlatformDependent.maxDirectMemory(),
          bytes);
    }
  }
}
