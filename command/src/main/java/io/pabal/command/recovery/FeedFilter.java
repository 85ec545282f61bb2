// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import io.pabal.schemas.topic.Feeds;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects the feeds that a command works on. A feed is selected as a whole, since its messages have
 * one order and one cursor.
 *
 * @param feeds the division of addresses into feeds
 * @param address an address of the only feed that matches; null for any
 * @param prefix the text that addresses of matching feeds begin with; null for any
 * @param among the names of the feeds that may match; null for any
 */
record FeedFilter(
    Feeds feeds, @Nullable String address, @Nullable String prefix, @Nullable Set<String> among)
    implements Predicate<String> {

  @Override
  public boolean test(String feed) {
    return (address == null || feeds.prefixOf(address).equals(feed))
        && (prefix == null || feed.startsWith(prefix) || feeds.prefixOf(prefix).equals(feed))
        && (among == null || among.contains(feed));
  }
}
