// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.chaos.plan.FaultKind;
import io.pabal.chaos.plan.ProcessKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {

  private static final Packet PACKET = new Packet(3, 1_523, 2);
  private static final MessagePosition POSITION = new MessagePosition(2, 1_991);

  private static final List<Event> EVENTS =
      List.of(
          new Event.RunStarted(1, 7, 5.0),
          new Event.FaultBegun(2, 1, FaultKind.PAUSE, ProcessKind.CONNECTOR_2, 1_500),
          new Event.FaultOver(3, 1),
          new Event.PartExited(4, ProcessKind.ROUTER_1, 1),
          new Event.Published(5, PACKET, "rooms/2"),
          new Event.Acknowledged(6, PACKET),
          new Event.Connecting(7, "s", 1, "connector-1", true),
          new Event.Connected(8, "s", 1, false),
          new Event.Disconnected(9, "s", 1, "SERVER: gone"),
          new Event.Subscribing(10, "s", 1, "rooms/2"),
          new Event.Subscribed(11, "s", 1, "rooms/2"),
          new Event.Unsubscribing(12, "s", 1, "rooms/2"),
          new Event.Unsubscribed(13, "s", 1, "rooms/2"),
          new Event.Arrived(14, "s", 1, "rooms/2", PACKET, POSITION),
          new Event.Arrived(15, "s", 1, "rooms/2", PACKET, null),
          new Event.Appended(16, POSITION, "rooms/2", PACKET),
          new Event.Gap(17, "s", "rooms/2", 2, 3, 4));

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void write() throws IOException {
    path = directory.resolve("history.jsonl");
    try (HistoryWriter writer = HistoryWriter.create(path)) {
      EVENTS.forEach(writer::write);
    }
  }

  @Test
  void shouldReadWhatWasWritten() throws IOException {
    assertThat(read(new HistoryFile(path))).isEqualTo(EVENTS);
  }

  @Test
  void shouldReadWhatWasCompressed() throws IOException {
    HistoryFile compressed = new HistoryFile(path).compress();

    assertThat(compressed.path()).hasFileName("history.jsonl.gz");
    assertThat(path).doesNotExist();
    assertThat(read(compressed)).isEqualTo(EVENTS);
  }

  @Test
  void shouldSkipIncompleteLastLine() throws IOException {
    Files.writeString(path, "{\"event\":\"gap\",\"atM", StandardOpenOption.APPEND);

    assertThat(read(new HistoryFile(path))).isEqualTo(EVENTS);
  }

  @Test
  void shouldNameLineThatIsNotAnEvent() throws IOException {
    Files.writeString(path, "{\"event\":\"dance\"}\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> read(new HistoryFile(path)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("history.jsonl:18")
        .hasMessageContaining("dance");
  }

  @Test
  void shouldTreatForeignPayloadAsUnknownPacket() {
    assertThat(Packet.parse("hello")).isEqualTo(Packet.UNKNOWN);
    assertThat(Packet.parse("1/x/2")).isEqualTo(Packet.UNKNOWN);
    assertThat(Packet.ofPayload(PACKET.payload())).isEqualTo(PACKET);
  }

  private static List<Event> read(HistoryFile file) throws IOException {
    List<Event> events = new ArrayList<>();
    file.forEach(events::add);
    return events;
  }
}
