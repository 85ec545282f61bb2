// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.config.ConfigReader;
import io.pabal.command.config.Role;
import io.pabal.command.config.setting.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of a command that has a configuration. */
final class RoleOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration, YAML. Variables of the environment go first, and may be all there is.")
  @Nullable Path file;

  /** Reads and checks the configuration. Prints warnings on {@code err}. */
  Settings read(Role role, PrintWriter err) {
    Settings settings = ConfigReader.read(role, file, System.getenv());
    settings.warnings().forEach(warning -> err.println("pabal: " + warning));
    return settings;
  }
}
