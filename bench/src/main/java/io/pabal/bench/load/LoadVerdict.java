// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

import io.pabal.bench.load.figure.LoadReport.Figure;
import io.pabal.bench.load.figure.SequenceCheck;
import java.util.Collection;
import java.util.List;

/** Messages that subscribers did not get, got again, out of order or with an unknown number. */
record LoadVerdict(long lost, long duplicates, long outOfOrder, long unknown) {

  /** To be called when the loops have ended. */
  static LoadVerdict of(Collection<LoadSubscriber> subscribers) {
    long lost = 0;
    long duplicates = 0;
    long outOfOrder = 0;
    long unknown = 0;
    for (LoadSubscriber each : subscribers) {
      SequenceCheck check = each.check();
      lost += check.lost(each.stream().taken());
      duplicates += check.duplicates();
      outOfOrder += check.outOfOrder();
      unknown += check.unknown();
    }
    return new LoadVerdict(lost, duplicates, outOfOrder, unknown);
  }

  boolean isGood(Tally tally) {
    return lost + outOfOrder + unknown == 0
        && tally.dropped + tally.misrouted + tally.publishesRefused == 0;
  }

  void show(List<Figure> figures, Tally tally) {
    figures.add(Figure.of("lost", "lost", lost));
    figures.add(Figure.of("duplicates", "duplicates", duplicates));
    figures.add(Figure.of("outOfOrder", "out of order", outOfOrder));
    figures.add(Figure.of("misrouted", "to the wrong session", tally.misrouted + unknown));
    figures.add(Figure.of("publishesRefused", "PUBLISHes refused", tally.publishesRefused));
    figures.add(Figure.of("dropped", "connections dropped", tally.dropped));
    figures.add(Figure.of("refused", "CONNECTs refused, tried again", tally.refused));
    figures.add(Figure.of("unanswered", "CONNECTs unanswered, tried again", tally.unanswered));
  }
}
