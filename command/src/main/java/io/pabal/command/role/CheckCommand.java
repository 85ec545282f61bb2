// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.role;

import io.pabal.command.UsageException;
import io.pabal.command.config.Role;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal check}: checks a configuration and prints its values. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Checks a configuration without starting anything, and prints each value and where it comes from.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal check --config connector.yaml",
      "  pabal check --config conf/c7.yaml --role connector"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class CheckCommand implements Runnable {

  @Mixin private final RoleOptions options = new RoleOptions();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "${COMPLETION-CANDIDATES}; when not given, the name of the file tells.",
      converter = RoleConverter.class,
      completionCandidates = RoleConverter.class)
  private @Nullable Role role;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Role checked = role == null ? roleOf(options.file) : role;
    Settings settings = options.read(checked, spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    out.printf("OK %s%n", checked.commandName());
    for (Key<?> key : checked.keys()) {
      out.printf("%-32s %-28s %s%n", key.name(), settings.print(key), settings.place(key));
    }
  }

  private static Role roleOf(@Nullable Path file) {
    String name = file == null ? "" : String.valueOf(file.getFileName());
    List<Role> named =
        Arrays.stream(Role.values()).filter(role -> name.contains(role.commandName())).toList();
    if (named.size() != 1) {
      throw new UsageException(
          "--role: not set (expected: connector, router or timeline). The name of the file does not tell; add --role.");
    }
    return named.getFirst();
  }
}
