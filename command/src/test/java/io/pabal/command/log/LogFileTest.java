// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.helpers.BasicMDCAdapter;

/** The file that {@code pabal up} logs to, with the configuration that it has. */
class LogFileTest {

  private static final String FORGED = "2026-11-30T00:00:00.000+09:00 ERROR Ingress forged";

  private static final List<String> HARMFUL =
      List.of("\n", "\r\n", "\u001B[2J", "\u0085", "\u009B2J", "\u2028", "\u202E", "\uD800");

  @TempDir Path directory;

  interface Place extends BiConsumer<Logger, String> {}

  static Stream<Arguments> placesOfAnEvent() {
    return HARMFUL.stream()
        .flatMap(
            harmful ->
                Stream.of(
                    place(harmful, "argument", (log, text) -> log.info("client={} x", text)),
                    place(harmful, "object", (log, text) -> log.info("of={}", List.of(text))),
                    place(
                        harmful,
                        "array",
                        (log, text) -> log.info("of={}", (Object) new String[] {text})),
                    place(harmful, "pattern", Logger::info),
                    place(
                        harmful,
                        "key and value",
                        (log, text) -> log.atInfo().addKeyValue("client", text).log("x")),
                    place(
                        harmful,
                        "exception",
                        (log, text) -> log.info("failed", new IllegalStateException(text))),
                    place(
                        harmful,
                        "cause",
                        (log, text) ->
                            log.info(
                                "failed", new IllegalStateException("x", new IOException(text)))),
                    place(
                        harmful,
                        "suppressed",
                        (log, text) -> {
                          var failure = new IllegalStateException("x");
                          failure.addSuppressed(new IOException(text));
                          log.info("failed", failure);
                        })));
  }

  private static Arguments place(String harmful, String name, Place place) {
    return Arguments.of(name, harmful, place);
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("placesOfAnEvent")
  void shouldNotLetATextForgeALine(String name, String harmful, Place place) throws IOException {
    String written = write(log -> place.accept(log, "before" + harmful + FORGED));

    assertThat(written.lines().filter(line -> line.startsWith(FORGED))).isEmpty();
    assertThat(written).contains(FORGED);
    assertThat(written.codePoints().filter(point -> point != '\n' && point != '\t'))
        .allMatch(point -> point >= ' ' && point <= '~');
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 65_000, 1_000_000})
  void shouldCutLongTexts(int chars) throws IOException {
    String text = "\u001B".repeat(chars);

    String written =
        write(
            log -> {
              log.info("client refused client={} code={}", text, "0x95");
              log.info(text);
              log.info("{}{}{}{}{}{}{}{}{}{}", Stream.generate(() -> text).limit(10).toArray());
            });

    assertThat(written.lines()).hasSize(3);
    assertThat(written.lines())
        .allMatch(line -> line.length() < PrintableEvent.LINE_CHARS_MAX + 200);
    assertThat(written).contains(" characters) code=0x95");
  }

  @Test
  void shouldWriteTextOfAllLanguages() throws IOException {
    assertThat(write(log -> log.info("client={}", "파발 😀"))).contains(" client=파발 😀 thread=");
  }

  @Test
  void shouldKeepTheFilesWithinTheirBound() throws IOException {
    int fileBytesMax = 4_096;
    AtomicInteger number = new AtomicInteger();

    write(
        log -> {
          for (int i = 0; i < 500; i++) {
            log.info("line {} {}", number.incrementAndGet(), "x".repeat(100));
          }
        },
        fileBytesMax);

    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(3);
      assertThat(all)
          .allSatisfy(file -> assertThat(Files.size(file)).isBetween(1L, fileBytesMax + 300L));
    }
    assertThat(Files.readString(directory.resolve("pabal.log.1"))).contains("line");
  }

  private String write(Consumer<Logger> logging) throws IOException {
    return write(logging, 1 << 20);
  }

  private String write(Consumer<Logger> logging, int fileBytesMax) throws IOException {
    Path file = directory.resolve("pabal.log");
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new BasicMDCAdapter());
    Logs.configure(context, file, fileBytesMax);
    logging.accept(context.getLogger("io.pabal.connector.Ingress"));
    context.stop();
    return Files.readString(file);
  }
}
