// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.ArrayList;
import java.util.List;

/**
 * What is wrong with a configuration, collected so that everything is said at once. Each says
 * where, what, the value, what was expected and what to do.
 */
public final class Problems {

  private final String fileName;
  private final List<String> found = new ArrayList<>();

  /** {@code fileName} is where the operator would set things. */
  public Problems(String fileName) {
    this.fileName = fileName;
  }

  /** A value that is not allowed, or none where one is needed. */
  public void add(Key<?> key, Place place, String value, String expected) {
    String where = place instanceof Place.Default ? "" : place + ": ";
    found.add(
        "%s%s: %s (expected: %s). Set it in %s or %s."
            .formatted(where, key.name(), value, expected, fileName, key.environmentVariable()));
  }

  /** Something that no single place is the cause of. */
  public void add(String text) {
    found.add(text);
  }

  /** Anything else. */
  public void add(Place place, String text) {
    found.add(place + ": " + text);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new ConfigException(found);
    }
  }
}
