// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.recovery;

import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects the addresses that a command works on.
 *
 * @param address the only address that matches; null for any
 * @param prefix the text that matching addresses begin with; null for any
 * @param among the addresses that may match; null for any
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
