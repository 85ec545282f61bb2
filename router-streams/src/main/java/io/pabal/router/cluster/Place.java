// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.cluster;

import org.apache.kafka.streams.processor.api.ProcessingContext;

/** Where a record stands, for log lines. */
public final class Place {

  private Place() {}

  /** The record being processed, as {@code topic-partition@offset}. */
  public static String of(ProcessingContext context) {
    return context
        .recordMetadata()
        .map(at -> at.topic() + "-" + at.partition() + "@" + at.offset())
        .orElse("unknown");
  }
}
