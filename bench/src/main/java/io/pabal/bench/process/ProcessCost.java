// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.process;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * CPU time and memory of processes, as Linux reports them. Where there is no {@code /proc}, all
 * figures but the CPU time of this process are 0.
 */
public final class ProcessCost {

  /** The unit of {@code /proc/PID/stat}: USER_HZ, which is the same on all machines of today. */
  private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

  /** utime, stime, cutime and cstime, counted from behind the process's name (proc_pid_stat(5)). */
  private static final int CPU_TIMES_FROM = 11;

  private static final int CPU_TIMES_TO = 15;

  private ProcessCost() {}

  /** Whether {@code pid} is a process that can be asked. */
  public static boolean isReadable(long pid) {
    return Files.isReadable(Path.of("/proc", Long.toString(pid), "stat"));
  }

  /**
   * CPU time of all {@code pids} with their threads, user and system, and of their children that
   * have ended, such as those in which Redis writes its file anew.
   */
  public static long cpuNanos(List<Long> pids) {
    return pids.stream().mapToLong(ProcessCost::cpuNanos).sum();
  }

  /** CPU time of this process. */
  public static long ownCpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** The resident set of all {@code pids}. */
  public static long residentKibibytes(List<Long> pids) {
    return pids.stream().mapToLong(pid -> kibibytes(pid, "status", "VmRSS:")).sum();
  }

  /** The resident set, in which a shared page counts in parts; 0 when not allowed to read it. */
  public static long proportionalKibibytes(List<Long> pids) {
    return pids.stream().mapToLong(pid -> kibibytes(pid, "smaps_rollup", "Pss:")).sum();
  }

  private static long cpuNanos(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Arrays.stream(fields, CPU_TIMES_FROM, CPU_TIMES_TO).mapToLong(Long::parseLong).sum()
          * NANOS_PER_TICK;
    } catch (IOException e) {
      return 0;
    }
  }

  private static long kibibytes(long pid, String file, String line) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), file)).stream()
          .filter(each -> each.startsWith(line))
          .mapToLong(
              each -> Long.parseLong(each.substring(line.length()).replace("kB", "").strip()))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
