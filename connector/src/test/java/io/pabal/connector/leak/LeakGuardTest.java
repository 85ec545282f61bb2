// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

class LeakGuardTest {

  @Test
  void shouldBeInPlaceAndWatchEveryBuffer() {
    assertThat(LeakGuard.isInstalled()).isTrue();
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
  }
}
