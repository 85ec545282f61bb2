// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {

  private final SequenceCheck check = new SequenceCheck();

  @Test
  void shouldFindNothingWhenAllIsAsItShouldBe() {
    accept(0, 1, 2, 3);

    assertThat(check.next()).isEqualTo(4);
    assertFound(4, 0, 0, 0);
  }

  @Test
  void shouldCountWhatIsMissingInTheMiddleAndAtTheEnd() {
    accept(0, 1, 4, 5);

    assertFound(8, 2 + 2, 0, 0);
  }

  @Test
  void shouldCountRepetitionsButNotAsLossOrDisorder() {
    accept(0, 1, 2, 1, 2, 3);

    assertFound(4, 0, 2, 0);
  }

  @Test
  void shouldCountLateMessagesAsOutOfOrderAndNotAsLost() {
    accept(0, 2, 3, 1, 4);

    assertFound(5, 0, 0, 1);
  }

  @Test
  void shouldTellLateMessageThatComesAgainFromLateOne() {
    accept(0, 2, 1, 1);

    assertFound(3, 0, 1, 1);
  }

  @Test
  void shouldCountNumbersThatNobodySent() {
    accept(0, -1, SequenceCheck.AHEAD_MAX + 2L);

    assertThat(check.unknown()).isEqualTo(2);
    assertFound(1, 0, 0, 0);
  }

  @Test
  void shouldRememberOnlySoManyMissingOnesAndLoseNoneOfTheCount() {
    int missing = SequenceCheck.MISSING_MAX + 10;

    accept(missing);
    assertFound(missing + 1, missing, 0, 0);

    LongStream.range(0, missing).forEach(check::accept);
    assertFound(missing + 1, 10, 10, SequenceCheck.MISSING_MAX);
  }

  private void accept(long... numbers) {
    LongStream.of(numbers).forEach(check::accept);
  }

  private void assertFound(long sent, long lost, int duplicates, int outOfOrder) {
    assertThat(check.lost(sent)).as("lost").isEqualTo(lost);
    assertThat(check.duplicates()).as("duplicates").isEqualTo(duplicates);
    assertThat(check.outOfOrder()).as("out of order").isEqualTo(outOfOrder);
  }
}
