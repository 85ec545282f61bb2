// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The default timeout of tests: far longer than any step takes on a slow and busy machine, because
 * a wait that succeeds ends early. JUnit installs it as the timeout of every Awaitility wait that
 * has no timeout of its own.
 */
public final class Patience implements LauncherSessionListener {

  /** The timeout. */
  public static final Duration MAX = Duration.ofMinutes(3);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Awaitility.setDefaultTimeout(MAX);
  }
}
