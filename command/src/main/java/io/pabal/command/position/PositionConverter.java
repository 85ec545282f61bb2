// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.position;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the value of a flag to a {@link Position}. */
public final class PositionConverter implements ITypeConverter<Position> {

  @Override
  public Position convert(String text) {
    try {
      return Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
