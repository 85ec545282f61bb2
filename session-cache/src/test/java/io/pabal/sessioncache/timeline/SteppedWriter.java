// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

import io.pabal.schemas.topic.Feeds;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.timeline.TimelineBatch.PartitionRange;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The timeline writer, one batch at a time: appends what {@link TimelineWriter} would append, when
 * and as often as the test calls it.
 */
public final class SteppedWriter implements AutoCloseable {

  private static final Feeds FEEDS = TopicCatalogue.defaults().feeds();

  private final TimelineAppender appender;

  private SteppedWriter(TimelineAppender appender) {
    this.appender = appender;
  }

  /** Connects. Blocks. */
  public static SteppedWriter open(URI redisUri) throws InterruptedException {
    var config =
        new TimelineConfig(
            "unused",
            redisUri,
            TopicCatalogue.defaults(),
            (short) 1,
            TimelineConfig.MESSAGES_PER_ADDRESS_MAX_DEFAULT,
            Duration.ofDays(7),
            TimelineConfig.SESSION_TIMEOUT_DEFAULT);
    return new SteppedWriter(TimelineAppender.open(config, "stepped"));
  }

  /**
   * Appends the messages of one partition that follow {@code base}, one offset after the other, and
   * returns when Redis has them.
   */
  public void append(int partition, long base, List<Message> messages) {
    TimelineBatch batch =
        new TimelineBatch(new PartitionRange(partition, base, base + messages.size(), -1));
    long offset = base;
    for (Message message : messages) {
      batch.addMessage(
          FEEDS.prefixOf(message.address()), message.address(), ++offset, message.value());
    }
    appender.send(List.of(batch)).join();
  }

  @Override
  public void close() {
    appender.close();
  }

  /**
   * A record of {@code messages}.
   *
   * @param value the record's value; must not be modified
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Message(String address, byte[] value) {}
}
