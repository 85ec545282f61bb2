// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.ingress;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The size of a record in Kafka (message format 2) that is alone in its batch and not compressed: a
 * broker compares this size with {@code max.message.bytes}.
 */
final class RecordSize {

  /** Bytes of a batch before its first record. */
  static final int BATCH_OVERHEAD_BYTES = 61;

  /** Attributes, timestamp delta and offset delta; both deltas are 0. */
  private static final int FIXED_BYTES = 3;

  private RecordSize() {}

  /** Bytes of a batch that contains only this record; {@code headers} may be null. */
  static int of(int keyBytes, int valueBytes, @Nullable Headers headers) {
    int body =
        FIXED_BYTES
            + varintBytes(keyBytes)
            + keyBytes
            + varintBytes(valueBytes)
            + valueBytes
            + headerBytes(headers);
    return BATCH_OVERHEAD_BYTES + varintBytes(body) + body;
  }

  private static int headerBytes(@Nullable Headers headers) {
    if (headers == null) {
      return 1;
    }
    Header[] all = headers.toArray();
    int bytes = varintBytes(all.length);
    for (Header header : all) {
      int name = header.key().getBytes(StandardCharsets.UTF_8).length;
      int value = header.value() == null ? 0 : header.value().length;
      bytes += varintBytes(name) + name + varintBytes(value) + value;
    }
    return bytes;
  }

  /** Bytes of a length in Kafka's signed variable-length encoding. */
  private static int varintBytes(int length) {
    int zigZag = length << 1;
    int bytes = 1;
    while ((zigZag & ~0x7f) != 0) {
      zigZag >>>= 7;
      bytes++;
    }
    return bytes;
  }
}
