// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.List;

/** A configuration cannot be used. The message has one line for each thing that is wrong. */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /** One line for each problem. */
  public ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line for each problem. */
  public List<String> problems() {
    return problems;
  }
}
