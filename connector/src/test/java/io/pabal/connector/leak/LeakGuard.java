// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.leak;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Ends the test JVM with a status that fails the build when Netty reported a buffer leak.
 *
 * <p>JUnit finds it by {@code META-INF/services} and opens it before any test class is loaded, so
 * it is in place before Netty makes its first detector. A leak is only noticed when the garbage
 * collector has taken the buffer and another one is allocated; both are forced at the end.
 */
public final class LeakGuard implements LauncherSessionListener {

  /** The status that the JVM ends with; anything but 0 is a crash to the build. */
  private static final int STATUS = 70;

  private static final int COLLECTIONS = 5;
  private static final long COLLECTION_TIMEOUT_MILLIS = 2_000;

  private static final RecordingFactory FACTORY = new RecordingFactory();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(FACTORY);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    for (int i = 0; i < COLLECTIONS; i++) {
      collectGarbage();
      // The detector looks at what was collected whenever it is given something new to watch.
      ByteBufAllocator.DEFAULT.buffer(16).release();
    }
    if (!FACTORY.leaks.isEmpty()) {
      System.err.printf(
          "[ERROR] LEAK: %d leak(s) of Netty resources were reported in this test run, see \"LEAK:\" above."
              + " The build fails. First:%n%s%n",
          FACTORY.leaks.size(), FACTORY.leaks.getFirst());
      System.err.flush();
      System.exit(STATUS);
    }
  }

  /** Whether leaks are recorded in this JVM. */
  static boolean isInstalled() {
    return ResourceLeakDetectorFactory.instance() == FACTORY;
  }

  private static void collectGarbage() {
    ReferenceQueue<Object> collected = new ReferenceQueue<>();
    var sentinel = new PhantomReference<>(new Object(), collected);
    System.gc();
    try {
      collected.remove(COLLECTION_TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sentinel.clear();
  }

  /** Makes detectors that keep what they report. */
  private static final class RecordingFactory extends ResourceLeakDetectorFactory {

    private final List<String> leaks = new CopyOnWriteArrayList<>();

    @Override
    @SuppressWarnings("deprecation") // the one method that has to be implemented
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new RecordingDetector<>(resource, samplingInterval, leaks);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new RecordingDetector<>(resource, samplingInterval, leaks);
    }
  }

  private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {

    private final List<String> leaks;

    RecordingDetector(Class<?> resource, int samplingInterval, List<String> leaks) {
      super(resource, samplingInterval);
      this.leaks = leaks;
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      leaks.add(resourceType + records);
      super.reportTracedLeak(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      leaks.add(resourceType);
      super.reportUntracedLeak(resourceType);
    }
  }
}
