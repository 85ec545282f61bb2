// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.delivery.Feed;
import io.pabal.connector.delivery.FeedTable;
import io.pabal.schemas.topic.Feeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerSampleTest {

  private final List<Long> delays = new ArrayList<>();
  private final AnswerSample sample = new AnswerSample(delays::add);
  private final FeedTable feeds = new FeedTable(new NoRouter(), new Feeds(1, 2), 1);

  @Test
  void shouldMeasureFromTheAnnouncementToTheFirstAnswer() {
    Feed one = feeds.acquire("users/one");
    Feed two = feeds.acquire("users/two");
    sample.announced(one, 100);
    sample.announced(two, 150);

    sample.answered(two, 200);
    sample.answered(one, 300);
    sample.answered(one, 900);

    assertThat(delays).containsExactly(50L, 200L);
  }

  @Test
  void shouldNotMeasureAnAddressThatWasWithdrawn() {
    Feed withdrawn = feeds.acquire("users/one");
    sample.announced(withdrawn, 100);

    sample.withdrawn(withdrawn);
    sample.answered(withdrawn, 200);

    assertThat(delays).isEmpty();
  }

  @Test
  void shouldMeasureSomeOfVeryManyAndForgetNone() {
    List<Feed> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(feeds.acquire("users/" + i));
      sample.announced(all.getLast(), 0);
    }
    all.forEach(each -> sample.answered(each, 10));
    int first = delays.size();
    assertThat(first).isBetween(1, 999);

    all.forEach(each -> sample.announced(each, 20));
    all.forEach(each -> sample.answered(each, 30));

    assertThat(delays).as("no place is taken for ever").hasSize(2 * first);
  }

  private static final class NoRouter implements FeedTable.Announcer {
    @Override
    public void announce(Feed feed) {}

    @Override
    public void announceAgain(Feed feed) {}

    @Override
    public void withdraw(Feed feed) {}
  }
}
