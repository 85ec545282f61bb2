// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The time that a test waits for an expected event: far longer than it takes on a slow and busy
 * machine, since a wait that ends well costs nothing. JUnit installs it as the limit of every wait
 * by Awaitility that does not name another one.
 */
public final class Patience implements LauncherSessionListener {

  /** The limit of every wait. */
  public static final Duration MAX = Duration.ofMinutes(3);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Awaitility.setDefaultTimeout(MAX);
  }
}
