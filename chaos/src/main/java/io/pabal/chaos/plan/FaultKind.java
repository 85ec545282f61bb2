// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** The kinds of faults. */
public enum FaultKind {
  /** SIGKILL; the part is started again after a while. */
  @JsonProperty("kill")
  KILL,
  /** SIGSTOP, and SIGCONT after a while. */
  @JsonProperty("pause")
  PAUSE,
  /** SIGTERM; the part is started again once it has ended. */
  @JsonProperty("restart")
  RESTART,
  /** FLUSHALL: Redis deletes all its data. */
  @JsonProperty("flush")
  FLUSH,
  /** Slots of a primary, with their keys, move to another primary of the Redis Cluster. */
  @JsonProperty("move")
  MOVE;

  /** The kind's name in files, options and figures, such as {@code kill}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
