// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in a topic, in the form that operators write: {@code start}, {@code end}, {@code
 * 3:1042} (partition and offset), {@code @2026-11-22T09:00Z} (a time with its zone) or {@code -15m}
 * (an age before now, in d, h, m and s, also {@code -1h30m}).
 */
public sealed interface Position {

  /** The allowed forms, as error messages list them. */
  String EXPECTED = "start, end, 3:1042, @2026-11-22T09:00Z or -15m";

  /** The oldest record that the topic holds. */
  record Start() implements Position {
    @Override
    public String toString() {
      return "start";
    }
  }

  /** The position behind the newest record. */
  record End() implements Position {
    @Override
    public String toString() {
      return "end";
    }
  }

  /** One record. A range with such a position covers the partition of this record only. */
  record At(int partition, long offset) implements Position {
    @Override
    public String toString() {
      return partition + ":" + offset;
    }
  }

  /** The first record that is not older than {@code instant}, in each partition. */
  record Time(Instant instant) implements Position {
    @Override
    public String toString() {
      return "@" + instant;
    }
  }

  /** The first record that is not older than {@code age} before now, in each partition. */
  record Ago(Duration age) implements Position {
    @Override
    public String toString() {
      return "-" + age.toString().substring(2).toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Parses {@code text}. Throws IllegalArgumentException, which names the allowed forms, when
   * {@code text} is not a position.
   */
  static Position parse(String text) {
    return switch (text) {
      case "start" -> new Start();
      case "end" -> new End();
      case String time when time.startsWith("@") -> time(time);
      case String age when age.startsWith("-") -> ago(age);
      default -> at(text);
    };
  }

  /**
   * The instant of a {@link Time} or an {@link Ago}; empty for every other position. An {@link Ago}
   * counts back from {@code now}.
   */
  default Optional<Instant> instant(Instant now) {
    return switch (this) {
      case Time(Instant instant) -> Optional.of(instant);
      case Ago(var age) -> Optional.of(now.minus(age));
      case Start(), End(), At _ -> Optional.empty();
    };
  }

  private static Position at(String text) {
    Matcher matcher = Grammar.AT.matcher(text);
    if (!matcher.matches()) {
      throw malformed(text, EXPECTED);
    }
    return new At(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)));
  }

  private static Position time(String text) {
    try {
      Instant instant = OffsetDateTime.parse(text.substring(1)).toInstant();
      if (!instant.isBefore(Instant.EPOCH) && instant.isBefore(Grammar.TOO_LATE)) {
        return new Time(instant);
      }
    } catch (DateTimeException e) {
      // Text that is not a time gets the same error below as a time outside the allowed range.
    }
    throw malformed(
        text,
        "a time from 1970 to 9999 with its zone, such as @2026-11-22T09:00Z or @2026-11-22T18:00+09:00");
  }

  private static Position ago(String text) {
    Matcher matcher = Grammar.AGO.matcher(text);
    if (text.length() < 2 || !matcher.matches()) {
      throw malformed(text, "so long ago, such as -90s, -15m, -1h30m or -7d");
    }
    return new Ago(
        Duration.ofDays(number(matcher, 1))
            .plusHours(number(matcher, 2))
            .plusMinutes(number(matcher, 3))
            .plusSeconds(number(matcher, 4)));
  }

  private static long number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static IllegalArgumentException malformed(String text, String expected) {
    return new IllegalArgumentException("%s (expected: %s)".formatted(text, expected));
  }

  /** The patterns and the latest time. The digits are bounded, so that no number overflows. */
  final class Grammar {
    private static final Instant TOO_LATE = Instant.parse("9999-12-31T23:59:59Z");
    private static final Pattern AT = Pattern.compile("(\\d{1,9}):(\\d{1,18})");
    private static final Pattern AGO =
        Pattern.compile("-(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?");

    private Grammar() {}
  }
}
