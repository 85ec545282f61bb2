// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.config;

/** Where the location table is held. Either way it is backed by a changelog topic in Kafka. */
public enum StoreKind {
  /** On the heap: the fastest; read back from Kafka in full at every start. */
  IN_MEMORY,
  /** On local disk: for a table that outgrows the heap, or whose reading back takes too long. */
  ROCKSDB
}
