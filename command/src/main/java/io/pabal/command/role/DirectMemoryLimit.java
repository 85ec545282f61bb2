// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.netty.util.internal.PlatformDependent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limit of the direct memory that holds Netty's buffers, for the whole process. Without a
 * limit, direct memory can grow as large as the heap. Heap and direct memory together would then
 * exceed the memory of a container.
 */
public final class DirectMemoryLimit {

  /** The default limit is the maximum heap size divided by this number. */
  public static final int HEAP_DIVISOR = 4;

  /** The smallest default limit, in bytes. */
  public static final long BYTES_MIN = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(DirectMemoryLimit.class);
  private static final String PROPERTY = "io.netty.maxDirectMemory";

  private DirectMemoryLimit() {}

  /** The default limit, in bytes: the limit when none is configured. */
  public static long bytesDefault() {
    return Math.max(BYTES_MIN, Runtime.getRuntime().maxMemory() / HEAP_DIVISOR);
  }

  /**
   * Sets the limit, unless the JVM was started with one ({@code -Dio.netty.maxDirectMemory}). Call
   * this method before any use of Netty, because Netty reads the limit once.
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
