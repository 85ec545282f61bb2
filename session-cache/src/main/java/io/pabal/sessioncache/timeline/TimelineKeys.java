// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.timeline;

/** The names of the timelines' keys in Redis. */
final class TimelineKeys {

  /** Hash: partition to the offset up to which its messages were appended; and the topic's id. */
  static final String WATERMARKS = "pabal:timeline:watermark";

  /** Hash: partition to the offset up to which messages may be missing. */
  static final String FLOORS = "pabal:timeline:floor";

  private TimelineKeys() {}

  /** Stream: the messages of one feed. */
  static String timeline(String feed) {
    return "pabal:timeline:{" + feed + "}";
  }
}
