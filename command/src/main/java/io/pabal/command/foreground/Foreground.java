// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import io.pabal.command.ExitCode;
import io.pabal.command.log.Logs;
import io.pabal.command.output.Printable;
import io.pabal.telemetry.FatalError;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The lifecycle of a process that runs parts.
 *
 * <pre>
 *   STARTING ──all parts started──▶ RUNNING
 *      │                               │
 *      │  SIGINT, SIGTERM, SIGHUP      │
 *      ├──or a part fails──────────────┤
 *      ▼                               ▼
 *   CLOSING (all parts, last started first) ──▶ exit code
 *      │ a second signal
 *      ▼
 *   halt, children killed
 * </pre>
 *
 * <p>A part that is asked to leave is closed alone. The process ends when its last part has left.
 *
 * <p>The first event decides the exit code: 0 for a request to stop, 1 for a part that failed, 3
 * for a part that did not start because of an unavailable server.
 */
public final class Foreground {

  private static final Logger log = LoggerFactory.getLogger(Foreground.class);

  /** How many characters of the reason to end are printed. The log has the rest. */
  private static final int WHY_CHARS_MAX = 4_096;

  /**
   * This constant loads the class {@link Ending} early. By the time a signal arrives, an upgrade
   * may have replaced the jar of the running process. Then no class can be loaded from the jar.
   */
  private static final Ending BY_THE_JVM = new Ending(ExitCode.OK, "the JVM ends, stopping");

  private final PrintWriter err;
  private final List<Slot> slots = new ArrayList<>();
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();

  private Foreground(PrintWriter err) {
    this.err = err;
  }

  /** Starts parts with {@link Foreground#start} and returns when all of them run. */
  public interface Script {
    /** Called on a thread that is interrupted when the process is to end. */
    void start(Foreground foreground) throws Exception;
  }

  /**
   * Runs {@code script}, waits until the process is to end, and closes the parts. Blocks.
   *
   * @param err receives the reason why the process ends
   * @return the exit code
   */
  public static int run(PrintWriter err, Script script) {
    Foreground foreground = new Foreground(err);
    Signals.onStop(foreground::asked);
    Runtime.getRuntime().addShutdownHook(new Thread(foreground::closeAndFlush, "shutdown"));
    return foreground.await(script);
  }

  /**
   * Runs one part. Prints the part's address, and that the part is ready, on {@code command}'s out.
   * Blocks.
   */
  public static int runOne(CommandLine command, String name, Callable<Part> start) {
    return run(
        command.getErr(),
        foreground -> {
          Part part = foreground.start(name, start).join();
          command
              .getOut()
              .printf("%-10s %s%nPabal %s is ready%n", part.name(), part.address(), name);
        });
  }

  /** Starts a part on a thread of its own. Parts are closed in the reverse order of these calls. */
  public CompletableFuture<Part> start(String name, Callable<Part> start) {
    synchronized (slots) {
      if (ending.isDone()) {
        throw new IllegalStateException("stopping, " + name + " is not started");
      }
      Slot slot = new Slot(name, start);
      slots.add(slot);
      return slot.part().whenComplete((part, failure) -> started(slot, part, failure));
    }
  }

  /** The exit code, and the reason why the process ends, in the operator's terms. */
  private record Ending(int exitCode, String why) {}

  private int await(Script script) {
    Thread starter = Thread.ofPlatform().daemon().name("start").start(() -> play(script));
    Ending why = ending.join();
    err.printf("pabal: %s%n", Printable.of(why.why(), WHY_CHARS_MAX));
    starter.interrupt();
    try {
      close();
    } catch (LinkageError e) {
      err.println("pabal: not all was closed in good order, a class cannot be loaded: " + e);
      return ExitCode.FAILED;
    }
    err.println("pabal: stopped");
    return why.exitCode();
  }

  private void play(Script script) {
    try {
      script.start(this);
    } catch (Throwable e) {
      FatalError.endProcessIf(e);
      failed("not started: " + Failure.messageOf(e), e, Failure.exitCodeOf(e));
    }
  }

  private void started(Slot slot, Part part, Throwable failure) {
    if (failure != null) {
      failed(
          slot.name() + " did not start: " + Failure.messageOf(failure),
          failure,
          Failure.exitCodeOf(failure));
      return;
    }
    part.askedToLeave()
        .thenRun(() -> Thread.ofPlatform().name("leave-" + slot.name()).start(() -> leave(slot)));
    part.terminated()
        .whenComplete(
            (done, reason) -> {
              if (reason != null || !slot.isClosing()) {
                failed(
                    slot.name()
                        + " stopped by itself"
                        + (reason == null ? "" : ": " + Failure.messageOf(reason)),
                    reason,
                    ExitCode.FAILED);
              }
            });
  }

  /** Closes one part; the other parts continue. The process ends after its last part has left. */
  private void leave(Slot slot) {
    err.printf("pabal: %s was asked to leave%n", slot.name());
    slot.close(farewell -> err.printf("pabal: %s%n", farewell));
    boolean last;
    synchronized (slots) {
      slots.remove(slot);
      last = slots.isEmpty();
    }
    if (last) {
      ending.complete(new Ending(ExitCode.OK, slot.name() + " has left, stopping"));
    } else {
      err.printf("pabal: %s has left%n", slot.name());
    }
  }

  private void asked(String signal) {
    String why = signal + ", stopping (once more to stop at once)";
    if (!ending.complete(new Ending(ExitCode.OK, why))) {
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
      Logs.flush();
      Runtime.getRuntime().halt(ExitCode.FAILED);
    }
  }

  private void failed(String what, @Nullable Throwable reason, int exitCode) {
    if (reason != null) {
      // After a fatal error, nothing can be closed in good order.
      FatalError.endProcessIf(reason);
    }
    if (ending.complete(new Ending(exitCode, sentence(what) + " Stopping everything."))) {
      if (exitCode == ExitCode.UNREACHABLE) {
        log.debug("{}", what, reason); // the text printed for the operator is complete
      } else {
        log.error("{}", what, reason);
      }
    }
  }

  private static String sentence(String what) {
    return what.endsWith(".") ? what : what + ".";
  }

  private void closeAndFlush() {
    close();
    Logs.flush();
  }

  private void close() {
    List<Slot> started;
    synchronized (slots) {
      ending.complete(BY_THE_JVM);
      started = List.copyOf(slots).reversed();
      slots.clear();
    }
    started.forEach(slot -> slot.close(farewell -> err.printf("pabal: %s%n", farewell)));
  }
}
