// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

/** Where the location table is held. Both kinds are backed by a changelog topic in Kafka. */
public enum StoreKind {
  /** On the heap. The fastest kind, but restored from Kafka in full at every start. */
  IN_MEMORY,
  /** On local disk, for a table that is too large for the heap or takes too long to restore. */
  ROCKSDB
}
