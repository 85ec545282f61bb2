// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.hold;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The result of a measurement. */
public final class HoldReport {

  private static final int CLASSES_SHOWN_MAX = 40;
  private static final List<String> PARTS = List.of("broker", "redis", "router", "timeline");

  private final HoldPlan plan;
  private final NamedFigures figures;

  HoldReport(HoldPlan plan, NamedFigures figures) {
    this.plan = plan;
    this.figures = figures;
  }

  /** Whether every session stayed connected, and every message arrived, in order. */
  public boolean isGood() {
    return figures.get("disconnects") == 0
        && figures.get("violations") == 0
        && figures.get("messages") > 0
        && figures.get("messages") == figures.get("messagesReceived")
        // The publisher is one more.
        && figures.get("sessionsLeft") == plan.load().sessions() + 1;
  }

  /** Writes a table for people. */
  public void printTable(PrintWriter out) {
    HoldLoad load = plan.load();
    line(
        out,
        "sessions",
        String.format(
            Locale.ROOT, "%,d %s", load.sessions(), load.clean() ? "clean" : "kept in Redis"));
    line(
        out,
        "connect, subscribe, live",
        String.format(
            Locale.ROOT,
            "%,.0f/s for %,.0f s (%,.0f turned away, came again)",
            get("sessionsPerSecond"),
            get("connectSeconds"),
            get("turnedAway")));
    line(
        out,
        "held",
        String.format(
            Locale.ROOT,
            "%,d s, %,.0f disconnects, %,.0f violations",
            load.seconds(),
            get("disconnects"),
            get("violations")));
    line(
        out,
        "pings",
        String.format(
            Locale.ROOT,
            "%,.0f, %,.0f/s (keep alive %d s)",
            get("pings"),
            get("pings") / load.seconds(),
            load.keepAliveSeconds()));
    line(
        out,
        "messages",
        String.format(
            Locale.ROOT,
            "%,.0f sent, %,.0f received; p50 %.1f ms, p99 %.1f ms, max %.1f ms",
            get("messages"),
            get("messagesReceived"),
            get("p50Millis"),
            get("p99Millis"),
            get("maxMillis")));
    line(
        out,
        "pauses of the JVM (" + plan.collector() + ")",
        String.format(
            Locale.ROOT,
            "%,.0f, %,.1f ms altogether, %.1f ms at most",
            get("pauses"),
            get("pausesMillis"),
            get("pauseMaxMillis")));
    memory(out);
    classes(out);
    out.flush();
  }

  private void memory(PrintWriter out) {
    double mebi = 1 << 20;
    line(
        out,
        "live heap, direct, resident",
        String.format(
            Locale.ROOT,
            "%,.0f, %,.0f, %,.0f MiB (connector and clients)",
            get("liveHeapBytes") / mebi,
            get("directBytes") / mebi,
            get("rssMiB")));
    line(
        out,
        "bytes per session",
        String.format(
            Locale.ROOT,
            "%,.0f heap, %,.0f direct, both ends of the connection",
            get("sessionBytes"),
            get("sessionDirectBytes")));
    line(
        out,
        "  of that a bare connection",
        String.format(Locale.ROOT, "%,.0f heap, with the codec", get("bareBytes")));
    line(
        out,
        "  of that Pabal",
        String.format(Locale.ROOT, "%,.0f heap", get("sessionBytes") - get("bareBytes")));
    line(
        out,
        "Redis",
        String.format(Locale.ROOT, "%,.0f bytes per session", get("redisBytesPerSession")));
    line(
        out,
        "connector and clients",
        String.format(
            Locale.ROOT,
            "%,.0f s CPU while connecting, %,.0f s while holding",
            get("connectCpuSeconds"),
            get("holdCpuSeconds")));
    for (String part : PARTS) {
      line(
          out,
          part,
          String.format(
              Locale.ROOT,
              "%,.0f MiB resident, %,.0f s CPU while holding",
              get(part + "RssMiB"),
              get(part + "HoldCpuSeconds")));
    }
  }

  private void classes(PrintWriter out) {
    out.printf("%n%12s %12s  %s%n", "bytes", "of that bare", "class, per session");
    figures.values().entrySet().stream()
        .filter(each -> each.getKey().startsWith(Holder.CLASS))
        .sorted(Comparator.comparingDouble(each -> -each.getValue()))
        .limit(CLASSES_SHOWN_MAX)
        .forEach(
            each -> {
              String name = each.getKey().substring(Holder.CLASS.length());
              out.printf(
                  Locale.ROOT,
                  "%12.1f %12.1f  %s%n",
                  each.getValue(),
                  get(Holder.BARE_CLASS + name),
                  name);
            });
  }

  /** Writes one JSON object. */
  public void printJson(PrintWriter out) {
    HoldLoad load = plan.load();
    out.printf(
        "{\"sessions\":%d,\"clean\":%b,\"seconds\":%d,\"collector\":\"%s\",\"good\":%b,%s}%n",
        load.sessions(),
        load.clean(),
        load.seconds(),
        plan.collector(),
        isGood(),
        figures.values().entrySet().stream()
            .map(HoldReport::json)
            .collect(Collectors.joining(",")));
    out.flush();
  }

  private static String json(Map.Entry<String, Double> figure) {
    // Class names have no character that JSON needs escaped.
    return String.format(Locale.ROOT, "\"%s\":%.3f", figure.getKey(), figure.getValue());
  }

  private double get(String name) {
    return figures.get(name);
  }

  private static void line(PrintWriter out, String label, String text) {
    out.printf("%-30s %s%n", label, text);
  }
}
