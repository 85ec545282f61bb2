// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

/** Where a value comes from. */
public sealed interface Place {

  /** The declaration of the key. */
  record Default() implements Place {
    @Override
    public String toString() {
      return "default";
    }
  }

  /** An environment variable. */
  record Variable(String name) implements Place {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A place in a file.
   *
   * @param file its name without folders
   * @param line from 1
   * @param column from 1
   */
  record InFile(String file, int line, int column) implements Place {
    @Override
    public String toString() {
      return file + ":" + line + ":" + column;
    }
  }
}
