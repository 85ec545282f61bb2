// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.streams;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs when a standby task of this router has caught up with its partition of the location table.
 * From then on the router can take over the partition without restoring the table from Kafka first.
 * Called on the threads that update the standby tasks.
 */
public final class StandbyProgress implements StandbyUpdateListener {

  private static final Logger log = LoggerFactory.getLogger(StandbyProgress.class);

  private final Set<TopicPartition> ready = ConcurrentHashMap.newKeySet();

  @Override
  public void onUpdateStart(TopicPartition changelog, String store, long startingOffset) {}

  @Override
  public void onBatchLoaded(
      TopicPartition changelog,
      String store,
      TaskId task,
      long batchEndOffset,
      long batchSize,
      long currentEndOffset) {
    if (batchEndOffset + 1 >= currentEndOffset && ready.add(changelog)) {
      log.info("standby ready partition={} offset={}", changelog.partition(), batchEndOffset);
    }
  }

  @Override
  public void onUpdateSuspended(
      TopicPartition changelog,
      String store,
      long storeOffset,
      long currentEndOffset,
      SuspendReason reason) {
    ready.remove(changelog);
  }
}
