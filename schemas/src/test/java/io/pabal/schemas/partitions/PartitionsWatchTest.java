// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.partitions;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.topic.Feeds;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** A watch that fails to ask Kafka. */
class PartitionsWatchTest {

  @Test
  void shouldReportEachErrorAndGoOnLooking() throws InterruptedException {
    var reports = new CountDownLatch(3);
    var handler = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (_, failure) -> {
          if (failure instanceof NoClassDefFoundError) {
            reports.countDown();
          }
        });
    try (var _ = PartitionsWatch.start(failing(), Map.of(), new Feeds(12, 2), 1)) {
      assertThat(reports.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(handler);
    }
  }

  private static Admin failing() {
    return (Admin)
        Proxy.newProxyInstance(
            PartitionsWatchTest.class.getClassLoader(),
            new Class<?>[] {Admin.class},
            (_, method, _) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              throw new NoClassDefFoundError("intended by the test");
            });
  }
}
