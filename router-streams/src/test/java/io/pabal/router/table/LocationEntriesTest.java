// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LocationEntriesTest {

  private final ConnectorIds ids = new ConnectorIds();

  @Test
  void shouldReadWhatItWrote() {
    var entries =
        List.of(
            new LocationEntry("c1", Long.MAX_VALUE, 1), new LocationEntry("x".repeat(200), 0, -1));

    assertThat(decode(LocationEntries.encode(entries))).isEqualTo(entries);
  }

  @Test
  void shouldDeleteRowWithoutEntries() {
    assertThat(LocationEntries.encode(List.of())).isNull();
    assertThat(decode(null)).isEmpty();
  }

  @Test
  void shouldRefuseRowOfAnotherVersion() {
    assertThatThrownBy(() -> decode(new byte[] {2}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("row version 2 (expected: 1)");
  }

  @Test
  void shouldReadIdsThatShareACacheSlot() {
    // "Aa" and "BB" have the same hash, and so have all words made of them
    var entries =
        Stream.of("AaAa", "BBBB", "AaBB", "AaAa", "", "c1", "c2")
            .map(id -> new LocationEntry(id, 1, 1))
            .toList();

    for (int i = 0; i < 2; i++) {
      assertThat(decode(LocationEntries.encode(entries))).isEqualTo(entries);
    }
  }

  @Test
  void shouldDecodeAnIdOnce() {
    byte[] row = LocationEntries.encode(List.of(new LocationEntry("c1", 1, 1)));

    assertThat(decode(row).getFirst().connectorId()).isSameAs(decode(row).getFirst().connectorId());
  }

  private List<LocationEntry> decode(byte @Nullable [] row) {
    return LocationEntries.decode(row, ids);
  }
}
