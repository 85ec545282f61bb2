// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses a command is about.
 *
 * @param address that one alone; null for any
 * @param prefix those that begin so; null for any
 * @param among these alone; null for any
 */
record AddressFilter(@Nullable String address, @Nullable String prefix, @Nullable Set<String> among)
    implements Predicate<String> {

  @Override
  public boolean test(String candidate) {
    return (address == null || address.equals(candidate))
        && (prefix == null || candidate.startsWith(prefix))
        && (among == null || among.contains(candidate));
  }
}
