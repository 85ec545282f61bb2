// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HashTagsTest {

  @Test
  void shouldGiveEachSlotATagOfItsOwn() {
    Set<String> tags =
        IntStream.range(0, HashTags.SLOTS).mapToObj(HashTags::ofSlot).collect(Collectors.toSet());

    assertThat(tags).hasSize(HashTags.SLOTS).allMatch(tag -> tag.matches("[0-9a-z]{1,4}"));
    for (int slot = 0; slot < HashTags.SLOTS; slot++) {
      assertThat(HashTags.slotOf("pabal:{" + HashTags.ofSlot(slot) + "}:p")).isEqualTo(slot);
    }
  }

  /** Keys of another release would not be found if any tag changed. */
  @Test
  void shouldNeverChangeATag() throws Exception {
    String all =
        IntStream.range(0, HashTags.SLOTS)
            .mapToObj(HashTags::ofSlot)
            .collect(Collectors.joining(" "));

    assertThat(HashTags.ofSlot(0)).isEqualTo("1bz");
    assertThat(
            HexFormat.of()
                .formatHex(
                    MessageDigest.getInstance("SHA-256")
                        .digest(all.getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo("65ea9f1abd0ac6d546d2a8d5b098cbc266cde4aedb8d5ff6ff0e9b0864db6ea6");
  }
}
