// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.tail;

import io.pabal.command.ExitCode;
import io.pabal.command.NotFoundException;
import io.pabal.command.UsageException;
import io.pabal.command.cluster.Cluster;
import io.pabal.command.cluster.ClusterOptions;
import io.pabal.command.output.Json;
import io.pabal.command.output.Printable;
import io.pabal.command.output.ProgressBar;
import io.pabal.command.position.Position;
import io.pabal.command.position.PositionConverter;
import io.pabal.command.position.PositionRange;
import io.pabal.command.position.Span;
import io.pabal.command.position.SpanReader;
import io.pabal.schemas.registry.SchemaRegistry;
import io.pabal.schemas.topic.TopicCatalogue;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pabal tail}: prints the records of a topic. */
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints the records of one of Pabal's topics, decoded: position, time, key, fields.",
      "Each partition in its order, the partitions in any. Positions and times are written",
      "start | end | 3:1042 (partition:offset) | @2026-11-22T09:00Z | -15m."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pabal tail messages --from -15m --key rooms/lobby",
      "  pabal tail messages --from 3:1042 --count 1 --format json",
      "  pabal tail deliveries.c1 --follow",
      "  pabal tail sessions --from -1h --prefix user-"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TailCommand implements Callable<Integer> {

  private enum TailFormat {
    TEXT,
    JSON
  }

  @Parameters(
      paramLabel = "TOPIC",
      description =
          "messages, locations, connectors, sessions, unrouted or deliveries.<connector>.")
  private String topic;

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      converter = PositionConverter.class,
      description = "Where to begin (default: start; with --follow: end).")
  private @Nullable Position from;

  @Option(
      names = "--to",
      paramLabel = "POSITION",
      converter = PositionConverter.class,
      description = "Where to stop, this one not included (default: end).")
  private @Nullable Position to;

  @Option(names = "--key", paramLabel = "KEY", description = "Only records of this key.")
  private @Nullable String key;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description = "Only records whose key begins so.")
  private @Nullable String prefix;

  @Option(names = "--count", paramLabel = "N", description = "Stop after so many records.")
  private @Nullable Long count;

  @Option(names = "--follow", description = "Go on with what comes, until stopped.")
  private boolean follow;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "text or json, one object per line (default: text).")
  private TailFormat format;

  @Mixin private final ClusterOptions clusterOptions = new ClusterOptions();

  @Spec private CommandSpec spec;

  private long left;

  /**
   * Only records older than this time, in Unix milliseconds, are shown. Newer records may lie
   * between them, written by a producer with a fast clock.
   */
  private long endMillis = Long.MAX_VALUE;

  @Override
  public Integer call() {
    checkFlags();
    left = count == null ? Long.MAX_VALUE : count;
    try (Cluster cluster = clusterOptions.connect();
        SchemaRegistry registry = clusterOptions.registryToRead()) {
      if (!TopicCatalogue.isPabals(topic) && cluster.topicNames().contains(topic)) {
        throw new NotFoundException(
            "topic %s: is none of Pabal's (expected: messages, locations, connectors, sessions, unrouted or deliveries.<connector>)."
                .formatted(topic));
      }
      print(cluster, new RecordView(registry.codecs()), spans(cluster));
    }
    return ExitCode.OK;
  }

  private void checkFlags() {
    if (follow && to != null) {
      throw new UsageException(
          "--to: %s (expected: not with --follow). Give one of them.".formatted(to));
    }
    if (count != null && count < 1) {
      throw new UsageException("--count: %d (expected: 1 or more).".formatted(count));
    }
  }

  private List<Span> spans(Cluster cluster) {
    Position begin = from != null ? from : follow ? new Position.End() : new Position.Start();
    Position stop = to != null ? to : new Position.End();
    Instant now = Instant.now();
    endMillis = stop.instant(now).map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
    List<Span> spans =
        new PositionRange(begin, stop).resolve(cluster, topic, Clock.fixed(now, ZoneOffset.UTC));
    return follow
        ? spans.stream()
            .map(span -> new Span(span.partition(), span.from(), Long.MAX_VALUE))
            .toList()
        : spans;
  }

  private void print(Cluster cluster, RecordView view, List<Span> spans) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    long total = follow ? 0 : spans.stream().mapToLong(Span::offsets).sum();
    try (ProgressBar progress = ProgressBar.besideData(err, "records", total)) {
      new SpanReader(cluster, line -> err.println("pabal: " + Printable.of(line)))
          .read(
              spans,
              record -> {
                if (matches(record)) {
                  print(view.of(record), out);
                  left--;
                }
                return left > 0;
              },
              offsets -> {
                out.flush();
                progress.advance(offsets);
                return !out.checkError();
              });
    }
    out.flush();
  }

  private void print(Map<String, @Nullable Object> fields, PrintWriter out) {
    switch (format) {
      case TEXT -> out.println(TextLine.of(fields));
      case JSON -> out.println(Json.line(fields));
    }
  }

  private boolean matches(ConsumerRecord<byte[], byte[]> record) {
    if (record.timestamp() >= endMillis) {
      return false;
    }
    byte[] bytes = record.key();
    if (key != null && !Arrays.equals(bytes, key.getBytes(StandardCharsets.UTF_8))) {
      return false;
    }
    return prefix == null
        || (bytes != null && new String(bytes, StandardCharsets.UTF_8).startsWith(prefix));
  }
}
