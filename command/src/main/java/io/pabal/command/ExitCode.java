// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

/** The exit codes of the command. */
public final class ExitCode {

  /** Done, or stopped on request. */
  public static final int OK = 0;

  /** Something failed at run time. */
  public static final int FAILED = 1;

  /**
   * The command line, the configuration or the place to run cannot be used; nothing was started or
   * changed.
   */
  public static final int USAGE = 2;

  /**
   * A broker, Redis, schema registry or MQTT server cannot be reached, or does not provide what the
   * command needs; nothing was started.
   */
  public static final int UNREACHABLE = 3;

  /** The requested object, such as a topic, a session or a connector, does not exist. */
  public static final int NOT_FOUND = 4;

  private ExitCode() {}
}
