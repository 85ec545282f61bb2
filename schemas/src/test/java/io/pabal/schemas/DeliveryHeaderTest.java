// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.schemas.DeliveryHeader.Activated;
import io.pabal.schemas.DeliveryHeader.Drain;
import io.pabal.schemas.DeliveryHeader.Evict;
import io.pabal.schemas.DeliveryHeader.Kick;
import io.pabal.schemas.DeliveryHeader.Rewind;
import io.pabal.schemas.DeliveryHeader.Routed;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryHeaderTest {

  @Test
  void shouldReadWhatItWrote() {
    var routed = new Routed(3, Long.MAX_VALUE, 1_790_000_000_123L, 4);
    var activated = new Activated(11, -1, 2, Long.MAX_VALUE);
    var evict = new Evict(1_790_000_000_123_456L);

    assertThat(DeliveryHeader.parse(routed.toBytes())).isEqualTo(routed);
    assertThat(DeliveryHeader.parse(activated.toBytes())).isEqualTo(activated);
    assertThat(DeliveryHeader.parse(evict.toBytes())).isEqualTo(evict);
    for (DeliveryHeader each :
        List.of(
            new Kick(7, true),
            new Kick(Long.MAX_VALUE, false),
            new Drain(1_790_000_000_123L),
            new Rewind(3, 17, Long.MAX_VALUE, 1_790_000_000_123_456L, ""),
            new Rewind(11, 0, 17, Long.MAX_VALUE, "밥의 전화"))) {
      assertThat(DeliveryHeader.parse(each.toBytes())).isEqualTo(each);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 10, 28, 29, 30})
  void shouldRefuseUnknownBytes(int length) {
    assertThatThrownBy(() -> DeliveryHeader.parse(new byte[length]))
        .isInstanceOf(MalformedRecordException.class);
  }

  @Test
  void shouldRefusePositionsThatCannotBe() {
    for (DeliveryHeader each :
        List.of(
            new Routed(-1, 0, 1, 1),
            new Routed(0, -1, 1, 1),
            new Activated(-1, 0, 1, 1),
            new Activated(0, -2, 1, 1),
            new Rewind(-1, 0, 1, 1, ""),
            new Rewind(0, -1, 1, 1, ""),
            new Rewind(0, 2, 1, 1, ""))) {
      assertThatThrownBy(() -> DeliveryHeader.parse(each.toBytes()))
          .as(each.toString())
          .isInstanceOf(MalformedRecordException.class);
    }
  }

  @Test
  void shouldRefuseARecordWithoutHeader() {
    assertThatThrownBy(() -> DeliveryHeader.of(new RecordHeaders()))
        .isInstanceOf(MalformedRecordException.class);
  }
}
