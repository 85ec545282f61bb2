// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.command.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ForegroundTest {

  private final StringWriter err = new StringWriter();
  private final List<String> closed = new CopyOnWriteArrayList<>();

  @Test
  void shouldCloseLastStartedFirstWhenPartDies() {
    CompletableFuture<Void> death = new CompletableFuture<>();

    int exitCode =
        run(
            foreground -> {
              foreground.start("kafka", () -> part("kafka", new CompletableFuture<>())).join();
              foreground.start("router", () -> part("router", death)).join();
              death.completeExceptionally(new IllegalStateException("a thread died"));
            });

    assertThat(exitCode).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString())
        .contains("pabal: router stopped by itself: a thread died. Stopping everything.");
    assertThat(closed).containsExactly("router", "kafka");
  }

  @Test
  void shouldCloseWhatRunsWhenPartDoesNotStart() {
    int exitCode =
        run(
            foreground -> {
              foreground.start("kafka", () -> part("kafka", new CompletableFuture<>())).join();
              foreground
                  .start(
                      "redis",
                      () -> {
                        throw new IllegalStateException("no redis-server here");
                      })
                  .join();
            });

    assertThat(exitCode).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString())
        .contains("pabal: redis did not start: no redis-server here. Stopping everything.");
    assertThat(closed).containsExactly("kafka");
  }

  @Test
  void shouldCloseTheOthersWhenOneFailsToClose() {
    run(
        foreground -> {
          foreground.start("kafka", () -> part("kafka", new CompletableFuture<>())).join();
          foreground
              .start(
                  "stuck",
                  () ->
                      new Part(
                          "stuck",
                          "",
                          new CompletableFuture<>(),
                          () -> {
                            throw new IllegalStateException("cannot");
                          }))
              .join();
          throw new IllegalStateException("enough");
        });

    assertThat(closed).containsExactly("kafka");
  }

  @Test
  void shouldInterruptPartThatIsStillStarting() {
    CountDownLatch never = new CountDownLatch(1);

    int exitCode =
        run(
            foreground -> {
              var _ =
                  foreground.start(
                      "slow",
                      () -> {
                        never.await();
                        return part("slow", new CompletableFuture<>());
                      });
              throw new IllegalStateException("enough");
            });

    assertThat(exitCode).isEqualTo(ExitCode.FAILED);
    assertThat(closed).isEmpty();
  }

  @Test
  void shouldSayWhatClosingDoes() {
    run(
        foreground -> {
          foreground
              .start(
                  "c1",
                  () ->
                      part("c1", new CompletableFuture<>())
                          .leaving(() -> "draining 7 sessions", Duration.ofMinutes(1)))
              .join();
          throw new IllegalStateException("enough");
        });

    assertThat(err.toString()).contains("pabal: c1 draining 7 sessions\n");
    assertThat(closed).containsExactly("c1");
  }

  @Test
  void shouldAddWhatAPartNeedsToLeaveToTheTimeItMayTakeToClose() {
    Part part = part("c1", new CompletableFuture<>());

    assertThat(part.leaving(() -> "", Duration.ofMinutes(1)).closeMax())
        .isEqualTo(part.closeMax().plusMinutes(1));
  }

  @Test
  void shouldLetAPartLeaveAndEndWithTheLastOne() {
    CompletableFuture<Void> first = new CompletableFuture<>();
    CompletableFuture<Void> last = new CompletableFuture<>();
    CompletableFuture<Void> firstTerminated = new CompletableFuture<>();

    int exitCode =
        run(
            foreground -> {
              foreground
                  .start(
                      "c1",
                      () ->
                          new Part(
                                  "c1",
                                  "nowhere",
                                  firstTerminated,
                                  () -> {
                                    closed.add("c1");
                                    firstTerminated.complete(null);
                                  })
                              .leavingWhen(first))
                  .join();
              foreground
                  .start("c2", () -> part("c2", new CompletableFuture<>()).leavingWhen(last))
                  .join();
              first.complete(null);
              Awaitility.await().until(() -> err.toString().contains("c1 has left"));
              last.complete(null);
            });

    assertThat(exitCode).isEqualTo(ExitCode.OK);
    assertThat(closed).containsExactly("c1", "c2");
    assertThat(err.toString())
        .startsWith(
            "pabal: c1 was asked to leave\npabal: c1 has left\npabal: c2 was asked to leave\n")
        .contains("pabal: c2 has left, stopping\n")
        .doesNotContain("stopped by itself");
  }

  private int run(Foreground.Script script) {
    return Foreground.run(new PrintWriter(err, true), script);
  }

  private Part part(String name, CompletableFuture<Void> terminated) {
    return new Part(name, "nowhere", terminated, () -> closed.add(name));
  }
}
