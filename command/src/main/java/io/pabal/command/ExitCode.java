// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** What the command tells the shell. */
public final class ExitCode {

  /** Done, or stopped because somebody asked. */
  public static final int OK = 0;

  /** Something failed at run time. */
  public static final int FAILED = 1;

  /**
   * The command line, the configuration or the place to run cannot be used; nothing was started or
   * changed.
   */
  public static final int USAGE = 2;

  /**
   * A broker, Redis, schema registry or MQTT server cannot be reached, or does not give what is
   * needed; nothing was started.
   */
  public static final int UNREACHABLE = 3;

  /** What was asked for does not exist: a topic, a session, a connector. */
  public static final int NOT_FOUND = 4;

  private ExitCode() {}
}
