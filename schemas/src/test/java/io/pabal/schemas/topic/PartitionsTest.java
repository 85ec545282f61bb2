// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class PartitionsTest {

  @Test
  void shouldAgreeWithKafkasDefaultPartitioner() {
    for (int i = 0; i < 1_000; i++) {
      byte[] key = ("rooms/" + i).getBytes(StandardCharsets.UTF_8);

      assertThat(Partitions.of(key, 12)).isEqualTo(BuiltInPartitioner.partitionForKey(key, 12));
    }
  }
}
