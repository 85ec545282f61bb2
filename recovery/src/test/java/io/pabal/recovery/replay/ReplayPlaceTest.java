// SPDX-License-Identifier: Apache-2.0
package io.pabal.recovery.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayPlaceTest {

  private static final Stretch FIRST = new Stretch(0, 10, 20, 30);
  private static final Stretch SECOND = new Stretch(7, 0, 5, 5);

  @TempDir Path directory;

  @Test
  void shouldGoOnWithTheRangeThatItWasBegunWith() throws IOException {
    ReplayPlace begun = open("--from -1h", List.of(FIRST, SECOND));
    assertThat(begun.isResumed()).isFalse();
    assertThat(begun.offsetsLeft()).isEqualTo(25);
    begun.done(FIRST, 18, 12);
    begun.save();

    ReplayPlace resumed = open("--from -1h", List.of());

    assertThat(resumed.isResumed()).isTrue();
    assertThat(resumed.stretches()).containsExactly(FIRST, SECOND);
    assertThat(resumed.next(FIRST)).isEqualTo(18);
    assertThat(resumed.next(SECOND)).isEqualTo(5);
    assertThat(resumed.messagesRead()).isEqualTo(12);
    assertThat(resumed.offsetsLeft()).isEqualTo(13);
  }

  @Test
  void shouldRefusePlaceOfAnotherReplay() throws IOException {
    open("--from -1h", List.of(FIRST)).save();

    assertThatThrownBy(() -> open("--from -2h", List.of(FIRST)))
        .hasMessageContaining("--from -1h")
        .hasMessageContaining("expected: `--from -2h`");
  }

  @Test
  void shouldKeepTheEpochThatItWasBegunWith() throws IOException {
    ReplayPlace begun = open("--force", List.of(FIRST));
    assertThat(begun.epoch(() -> 17)).isEqualTo(17);
    assertThat(begun.epoch(() -> 18)).isEqualTo(17);
    begun.save();

    assertThat(open("--force", List.of()).epoch(() -> 19)).isEqualTo(17);
  }

  @Test
  void shouldLeaveNothingBehind() throws IOException {
    ReplayPlace place = open("--from -1h", List.of(FIRST));
    place.save();
    place.delete();

    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  private ReplayPlace open(String line, List<Stretch> stretches) throws IOException {
    return ReplayPlace.open(directory.resolve("place"), line, () -> stretches);
  }
}
