// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.sessioncache.redis.HashTags;
import io.pabal.sessioncache.session.SessionKeys;
import io.pabal.sessioncache.timeline.TimelineKeys;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of keys are the format of the data: none may change. */
class KeysTest {

  @Test
  void shouldNameTheKeysOfAPartition() {
    TimelineKeys keys = new TimelineKeys(12);

    assertThat(keys.partition(0)).isEqualTo("pabal:{18e}:p");
    assertThat(keys.timeline(11, "rooms/{42}")).isEqualTo("pabal:{506}:t:rooms/{42}");
  }

  @Test
  void shouldNameTheKeysOfASession() {
    assertThat(SessionKeys.bucket("phone")).isEqualTo(277);
    assertThat(SessionKeys.session("phone")).isEqualTo("pabal:{agy}:s:phone");
    assertThat(SessionKeys.generation(0)).isEqualTo("pabal:{fkt}:g");
    assertThat(SessionKeys.generation(1_023)).isEqualTo("pabal:{60n}:g");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 12, 64, 1_000, 10_000})
  void shouldSpreadPartitionsEvenlyOverTheSlots(int partitions) {
    TimelineKeys keys = new TimelineKeys(partitions);
    int[] slots =
        IntStream.range(0, partitions).map(p -> HashTags.slotOf(keys.partition(p))).toArray();

    for (int p = 0; p < partitions; p++) {
      assertThat(slots[p]).isEqualTo((int) ((2L * p + 1) * 8_192 / partitions));
      assertThat(HashTags.slotOf(keys.timeline(p, "a{b}c"))).isEqualTo(slots[p]);
    }
    assertThat(slots).doesNotHaveDuplicates();
  }

  @Test
  void shouldSpreadBucketsEvenlyOverTheSlots() {
    for (int bucket = 0; bucket < SessionKeys.BUCKETS; bucket++) {
      assertThat(HashTags.slotOf(SessionKeys.generation(bucket))).isEqualTo(16 * bucket + 8);
    }
    String odd = "}{세션";
    assertThat(HashTags.slotOf(SessionKeys.session(odd)))
        .isEqualTo(16 * SessionKeys.bucket(odd) + 8);
  }
}
