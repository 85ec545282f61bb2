// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = Pabal.class.getPackage().getImplementationVersion();
    return new String[] {
      "pabal %s (Java %s)".formatted(version == null ? "development" : version, Runtime.version())
    };
  }
}
