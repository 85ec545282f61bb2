// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.Role;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the name of a role's command to the role. */
final class RoleConverter implements ITypeConverter<Role>, Iterable<String> {

  private static final List<String> NAMES =
      Arrays.stream(Role.values()).map(Role::commandName).toList();

  @Override
  public Role convert(String name) {
    return Arrays.stream(Role.values())
        .filter(role -> role.commandName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "%s (expected: %s)".formatted(name, String.join(", ", NAMES))));
  }

  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }
}
