// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One feed of a session: its cursor, and the session's subscriptions within the feed, which share
 * the cursor. It is one field of the session's hash:
 *
 * <pre>
 *   field  f:&lt;name&gt;
 *   value  &lt;cursor&gt;[ &lt;gap from&gt; &lt;gap through&gt;]{LF &lt;options&gt;[@&lt;from&gt;] &lt;rest&gt;}
 * </pre>
 *
 * where {@code rest} is the filter without the feed's name. Filters contain no line feed (MQTT 5,
 * 1.5.4: control characters are refused). Scripts change the cursor and leave the rest as it is.
 *
 * @param name the prefix of the feed's addresses
 * @param cursor the offset up to which every message of the feed is acknowledged, or is not wanted;
 *     -1 for none
 * @param gap the lost range whose report the client has not acknowledged; null: none
 * @param subscriptions at least one
 */
public record StoredFeed(
    String name, long cursor, @Nullable StoredGap gap, List<StoredSubscription> subscriptions) {

  private static final char LINE = '\n';
  private static final char FROM = '@';
  private static final char SPACE = ' ';

  /** Copies the list. */
  public StoredFeed {
    subscriptions = List.copyOf(subscriptions);
  }

  /** A feed without a gap whose only subscription is to the address that is the feed's prefix. */
  public StoredFeed(String address, int options, long cursor) {
    this(address, cursor, null, List.of(new StoredSubscription(address, options)));
  }

  /** This feed with another cursor. */
  public StoredFeed withCursor(long other) {
    return new StoredFeed(name, other, gap, subscriptions);
  }

  /** This feed with another gap. */
  public StoredFeed withGap(@Nullable StoredGap other) {
    return new StoredFeed(name, cursor, other, subscriptions);
  }

  /** The value of the feed's field in the session's hash. */
  String fieldValue() {
    var value = new StringBuilder().append(cursor);
    if (gap != null) {
      value.append(SPACE).append(gap.from()).append(SPACE).append(gap.through());
    }
    for (StoredSubscription each : subscriptions) {
      value.append(LINE).append(each.options());
      if (each.from() > cursor) {
        value.append(FROM).append(each.from());
      }
      value.append(SPACE).append(each.filter(), name.length(), each.filter().length());
    }
    return value.toString();
  }

  static StoredFeed parse(String name, String fieldValue) {
    String[] lines = fieldValue.split(String.valueOf(LINE), -1);
    String[] position = lines[0].split(String.valueOf(SPACE), -1);
    StoredGap gap =
        position.length < 3
            ? null
            : new StoredGap(Long.parseLong(position[1]), Long.parseLong(position[2]));
    List<StoredSubscription> subscriptions = new ArrayList<>(lines.length - 1);
    for (int i = 1; i < lines.length; i++) {
      subscriptions.add(subscription(name, lines[i]));
    }
    return new StoredFeed(name, Long.parseLong(position[0]), gap, subscriptions);
  }

  private static StoredSubscription subscription(String name, String line) {
    int space = line.indexOf(SPACE);
    String options = line.substring(0, space);
    int at = options.indexOf(FROM);
    // Most filters are the prefix itself, so its text is not copied.
    String filter = space == line.length() - 1 ? name : name + line.substring(space + 1);
    return at < 0
        ? new StoredSubscription(filter, Integer.parseInt(options))
        : new StoredSubscription(
            filter,
            Integer.parseInt(options.substring(0, at)),
            Long.parseLong(options.substring(at + 1)));
  }
}
