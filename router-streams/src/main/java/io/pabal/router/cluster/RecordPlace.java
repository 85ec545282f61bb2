// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import org.apache.kafka.streams.processor.api.ProcessingContext;

/** The topic, partition and offset of a record, for log lines. */
public final class RecordPlace {

  private RecordPlace() {}

  /** The place of the record being processed, as {@code topic-partition@offset}. */
  public static String of(ProcessingContext context) {
    return context
        .recordMetadata()
        .map(at -> at.topic() + "-" + at.partition() + "@" + at.offset())
        .orElse("unknown");
  }
}
