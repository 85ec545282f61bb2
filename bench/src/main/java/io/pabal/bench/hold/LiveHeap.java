// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What is alive in this JVM's heap after a full collection, by class.
 *
 * @param bytes of all classes
 * @param bytesByClass by the class's name as the JVM spells it
 */
record LiveHeap(long bytes, Map<String, Long> bytesByClass) {

  private static final Pattern LINE =
      Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+)", Pattern.MULTILINE);

  /** Runs a full collection and reads the heap. Pauses the JVM, for seconds if much is live. */
  static LiveHeap now() {
    try {
      Object histogram =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
      return parse(histogram.toString());
    } catch (JMException e) {
      throw new IllegalStateException("this JVM tells no class histogram: " + e.getMessage(), e);
    }
  }

  static LiveHeap parse(String histogram) {
    Map<String, Long> byClass = new HashMap<>();
    long all = 0;
    Matcher lines = LINE.matcher(histogram);
    while (lines.find()) {
      long bytes = Long.parseLong(lines.group(1));
      byClass.merge(lines.group(2), bytes, Long::sum);
      all += bytes;
    }
    return new LiveHeap(all, byClass);
  }

  /** The growth of each class since {@code before}, in bytes, divided by {@code count}. */
  Map<String, Double> since(LiveHeap before, int count) {
    Map<String, Double> each = new HashMap<>();
    bytesByClass.forEach(
        (name, bytes) ->
            each.put(name, (double) (bytes - before.bytesByClass.getOrDefault(name, 0L)) / count));
    return each;
  }
}
