// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** One process of the pipeline. */
public enum ProcessKind {
  @JsonProperty("broker")
  BROKER,
  @JsonProperty("redis")
  REDIS,
  @JsonProperty("timeline")
  TIMELINE,
  @JsonProperty("router-1")
  ROUTER_1,
  @JsonProperty("router-2")
  ROUTER_2,
  @JsonProperty("connector-1")
  CONNECTOR_1,
  @JsonProperty("connector-2")
  CONNECTOR_2,
  @JsonProperty("connector-3")
  CONNECTOR_3;

  /** The part's name in files and messages, such as {@code router-1}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
