// SPDX-License-Identifier: Apache-2.0
package io.pabal.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LocationEntriesTest {

  @Test
  void shouldReadWhatItWrote() {
    var entries =
        List.of(
            new LocationEntry("c1", Long.MAX_VALUE, 1), new LocationEntry("x".repeat(200), 0, -1));

    assertThat(LocationEntries.decode(LocationEntries.encode(entries))).isEqualTo(entries);
  }

  @Test
  void shouldDeleteRowThatHoldsNobody() {
    assertThat(LocationEntries.encode(List.of())).isNull();
    assertThat(LocationEntries.decode(null)).isEmpty();
  }

  @Test
  void shouldRefuseRowOfAnotherVersion() {
    assertThatThrownBy(() -> LocationEntries.decode(new byte[] {2}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("row version 2 (expected: 1)");
  }
}
