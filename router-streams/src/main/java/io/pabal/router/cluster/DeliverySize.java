// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import io.pabal.schemas.DeliveryHeader;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** The size of a delivery in Kafka, which a broker compares with the topic's limit. */
public final class DeliverySize {

  /** Overhead per record: the batch, the record's lengths, and the header that the router adds. */
  private static final int ADDED_BYTES = 61 + 21 + 5 + 29 + 4;

  /** Overhead per header: its two lengths. */
  private static final int HEADER_BYTES = 10;

  private DeliverySize() {}

  /**
   * An upper bound of the record's size in bytes, alone in its batch, with the header {@value
   * DeliveryHeader#NAME}.
   */
  public static int of(byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    long size = ADDED_BYTES;
    size += key == null ? 0 : key.length;
    size += value == null ? 0 : value.length;
    for (Header header : headers.toArray()) {
      if (!header.key().equals(DeliveryHeader.NAME)) {
        size += HEADER_BYTES + 3L * header.key().length();
        size += header.value() == null ? 0 : header.value().length;
      }
    }
    return (int) Math.min(size, Integer.MAX_VALUE);
  }
}
