// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.topics;

import io.pabal.command.ExitCode;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Format;
import io.pabal.command.output.OutputOptions;
import io.pabal.command.output.Printable;
import io.pabal.command.output.Table;
import io.pabal.command.topics.Finding.Verdict;
import io.pabal.schemas.registry.SchemaRegistry;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pabal topics check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks every topic and broker setting that the promise rests on, and says what to do.",
      "OK: as it should be. WARN: good enough to try things out, or worth a look. FAIL: messages"
          + " can be lost.",
      "Exit code 1 when something is FAIL."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal topics check",
      "  pabal topics check --all --config connector.yaml",
      "  pabal topics check --format json"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TopicsCheckCommand implements Callable<Integer> {

  @Option(names = "--all", description = "Every setting, also those that are OK.")
  private boolean all;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    List<Finding> findings;
    try (Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry = clusterOptions.registryToRead()) {
      findings =
          new ClusterCheck(
                  cluster,
                  registry.codecs().connectorState(),
                  clusterOptions.topics(),
                  clusterOptions.isPartitionsConfigured(),
                  clusterOptions.isPrefixLevelsConfigured(),
                  line -> err.println("pabal: " + Printable.of(line)))
              .run();
    }
    Table table = new Table("verdict", "subject", "setting", "value", "expected", "action");
    findings.stream()
        .filter(each -> all || output.format() == Format.JSON || each.verdict() != Verdict.OK)
        .forEach(each -> add(each, table));
    if (!all && output.format() == Format.TABLE) {
      clean(findings).forEach((subject, count) -> add(ok(subject, count), table));
    }
    output.print(table);
    boolean failed = findings.stream().anyMatch(each -> each.verdict() == Verdict.FAIL);
    return failed ? ExitCode.FAILED : ExitCode.OK;
  }

  /** The subjects with no finding other than OK, each with the number of its settings. */
  private static Map<String, Integer> clean(List<Finding> findings) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    findings.forEach(each -> counts.merge(each.subject(), 1, Integer::sum));
    findings.stream()
        .filter(each -> each.verdict() != Verdict.OK)
        .forEach(each -> counts.remove(each.subject()));
    return counts;
  }

  private static Finding ok(String subject, int count) {
    return Finding.ok(subject, "all %d settings".formatted(count), "", "");
  }

  private static void add(Finding finding, Table table) {
    table.row(
        finding.verdict().name(),
        finding.subject(),
        finding.setting(),
        finding.value(),
        finding.expected(),
        finding.action());
  }
}
