// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.pabal.telemetry.Health;
import io.pabal.telemetry.Health.Check;
import io.pabal.telemetry.Health.Weight;
import io.pabal.telemetry.Observed;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The health of every part of a process at one moment.
 *
 * @param parts the health of the parts by name; empty for a part that is starting
 */
record HealthReport(Map<String, Optional<Health>> parts) {

  static HealthReport of(Map<String, Optional<Observed>> observed) {
    Map<String, Optional<Health>> parts = new LinkedHashMap<>();
    observed.forEach((name, part) -> parts.put(name, part.map(Observed::health)));
    return new HealthReport(parts);
  }

  /** Whether no part has to be restarted. A part that is still starting counts as live. */
  boolean isLive() {
    return parts.values().stream().allMatch(health -> health.map(Health::isLive).orElse(true));
  }

  /** Whether every part has started and does its work. */
  boolean isReady() {
    return parts.values().stream()
        .allMatch(health -> health.map(each -> each.isLive() && each.isReady()).orElse(false));
  }

  String liveJson() {
    return json(isLive() ? "live" : "failed");
  }

  String readyJson() {
    return json(isReady() ? "ready" : "not ready");
  }

  private String json(String status) {
    return "{\"status\":%s,\"parts\":{%s}}\n"
        .formatted(
            JsonText.quote(status),
            parts.entrySet().stream()
                .map(part -> JsonText.quote(part.getKey()) + ":" + json(part.getValue()))
                .collect(Collectors.joining(",")));
  }

  private static String json(Optional<Health> health) {
    if (health.isEmpty()) {
      return "{\"status\":\"starting\"}";
    }
    Health known = health.get();
    String status = !known.isLive() ? "failed" : known.isReady() ? "ready" : "not ready";
    return "{\"status\":%s,\"checks\":{%s}}"
        .formatted(
            JsonText.quote(status),
            known.checks().stream().map(HealthReport::json).collect(Collectors.joining(",")));
  }

  private static String json(Check check) {
    String detail = check.detail().isEmpty() ? "" : ",\"detail\":" + JsonText.quote(check.detail());
    return "%s:{\"ok\":%s,\"neededToBe\":%s%s}"
        .formatted(
            JsonText.quote(check.name()),
            check.ok(),
            JsonText.quote(needed(check.weight())),
            detail);
  }

  private static String needed(Weight weight) {
    return weight == Weight.INFORMATION ? "complete" : weight.name().toLowerCase(Locale.ROOT);
  }
}
