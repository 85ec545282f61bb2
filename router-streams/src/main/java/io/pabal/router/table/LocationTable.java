// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

import io.pabal.schemas.MalformedRecordException;
import io.pabal.schemas.SkippedRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * One partition of the location table: for each prefix, the connectors that have live sessions of
 * it. A malformed row is deleted; its connectors restore it as they restore any lost row. Used by
 * its task's stream thread only.
 */
public final class LocationTable {

  /** The name of the state store, which is also part of the name of its changelog topic. */
  public static final String STORE = "location-table";

  private final KeyValueStore<Bytes, byte[]> store;
  private final SkippedRecords skipped;
  private final ConnectorIds ids = new ConnectorIds();

  public LocationTable(KeyValueStore<Bytes, byte[]> store, SkippedRecords skipped) {
    this.store = store;
    this.skipped = skipped;
  }

  /** The connectors of {@code prefix}; at most one entry per connector. */
  public List<LocationEntry> connectorsOf(byte[] prefix) {
    byte[] row = store.get(Bytes.wrap(prefix));
    try {
      return LocationEntries.decode(row, ids);
    } catch (MalformedRecordException e) {
      skipped.add(STORE, e.getMessage());
      store.delete(Bytes.wrap(prefix));
      return List.of();
    }
  }

  /**
   * Adds {@code entry} in place of its connector's entry in the row, unless that entry is equal or
   * newer.
   *
   * @return whether the row changed
   */
  public boolean put(byte[] prefix, LocationEntry entry) {
    List<LocationEntry> entries = new ArrayList<>(connectorsOf(prefix));
    for (int i = 0; i < entries.size(); i++) {
      LocationEntry old = entries.get(i);
      if (old.connectorId().equals(entry.connectorId())) {
        if (!entry.isNewerThan(old)) {
          return false;
        }
        entries.set(i, entry);
        write(prefix, entries);
        return true;
      }
    }
    entries.add(entry);
    write(prefix, entries);
    return true;
  }

  /** Removes the entries of {@code prefix} that match. */
  public void removeIf(byte[] prefix, Predicate<LocationEntry> condition) {
    List<LocationEntry> entries = new ArrayList<>(connectorsOf(prefix));
    if (entries.removeIf(condition)) {
      write(prefix, entries);
    }
  }

  private void write(byte[] prefix, List<LocationEntry> entries) {
    Bytes key = Bytes.wrap(prefix);
    byte[] row = LocationEntries.encode(entries);
    if (row == null) {
      store.delete(key);
    } else {
      store.put(key, row);
    }
  }
}
