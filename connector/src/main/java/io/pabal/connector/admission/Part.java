// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.admission;

/** What a session needs on its way in. The delay of each decides how many come at a time. */
public enum Part {
  /** Redis: from the request for a claim until its answer. */
  CLAIM("claim"),

  /** Kafka and the router: from the announcement of a location until the router's answer. */
  ACTIVATION("activation"),

  /** The event loops of the connector: from the time at which a task is due until it runs. */
  EVENT_LOOP("event-loop");

  private final String label;

  Part(String label) {
    this.label = label;
  }

  /** The name of the part in metrics. */
  public String label() {
    return label;
  }
}
