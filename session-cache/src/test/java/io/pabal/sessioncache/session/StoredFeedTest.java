// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StoredFeedTest {

  static Stream<StoredFeed> feeds() {
    var exact = new StoredSubscription("rooms/42", 1);
    return Stream.of(
        new StoredFeed("rooms/42", 1, 1042),
        new StoredFeed("rooms/42", 1, -1),
        new StoredFeed("rooms/42", 1, 9).withGap(new StoredGap(3, 6)),
        new StoredFeed("", 5, null, List.of(new StoredSubscription("", 4))),
        new StoredFeed(
            "rooms/42",
            Long.MAX_VALUE - 1,
            new StoredGap(0, Long.MAX_VALUE - 1),
            List.of(
                exact,
                new StoredSubscription("rooms/42/typing", 0, Long.MAX_VALUE),
                new StoredSubscription("rooms/42/a b @7 1", 4),
                new StoredSubscription("rooms/42/방", 5))));
  }

  @ParameterizedTest
  @MethodSource("feeds")
  void shouldReadWhatIsWritten(StoredFeed feed) {
    assertThat(StoredFeed.parse(feed.name(), feed.fieldValue())).isEqualTo(feed);
  }

  @ParameterizedTest
  @MethodSource("feeds")
  void shouldNotWriteABeginThatTheCursorHasPassed(StoredFeed feed) {
    var passed = new StoredSubscription(feed.name() + "/seen", 1, feed.cursor());

    var written = new StoredFeed(feed.name(), feed.cursor(), null, List.of(passed));

    assertThat(written.fieldValue()).isEqualTo(feed.cursor() + "\n1 /seen");
  }
}
