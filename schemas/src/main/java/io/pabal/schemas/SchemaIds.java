// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;

/**
 * The fixed schema ids that stand in the wire format while no schema registry is configured. An id
 * is never reused: a changed schema gets a new one.
 */
@NullMarked
public final class SchemaIds {
  /** {@link Message}. */
  public static final int MESSAGE = 1;

  /** {@link Location}. */
  public static final int LOCATION = 2;

  /** {@link ConnectorState}. */
  public static final int CONNECTOR_STATE = 3;

  /** {@link SessionEvent}. */
  public static final int SESSION_EVENT = 4;

  /** {@link Unrouted}. */
  public static final int UNROUTED = 5;

  private SchemaIds() {}
}
