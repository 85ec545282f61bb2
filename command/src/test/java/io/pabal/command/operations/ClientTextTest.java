// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.command.log.QueueingAppender;
import io.pabal.command.operations.RunningPabal.Result;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Text in every field that a client can send, which reaches neither logs nor the terminals of
 * commands as it is. Whether the connector takes or refuses it does not matter here.
 */
@ExtendWith(RunningPabal.Extension.class)
class ClientTextTest {

  private static final List<String> HARMFUL =
      List.of("\n", "\u001B[2J", "\u0085", "\u009B2J", "\u2028", "\u202E");

  private static final int CONTENT_TYPE = 0x03;
  private static final int RESPONSE_TOPIC = 0x08;
  private static final int AUTHENTICATION_METHOD = 0x15;
  private static final int REASON_STRING = 0x1F;
  private static final int USER_PROPERTY = 0x26;

  /** Session Expiry Interval: an hour. */
  private static final byte[] EXPIRY = {0x11, 0, 0, 0x0E, 0x10};

  private static final Logger ROOT = (Logger) LoggerFactory.getLogger("io.pabal");
  private static final ListAppender<ILoggingEvent> LINES = new ListAppender<>();
  private static final QueueingAppender APPENDER = new QueueingAppender();

  private static RunningPabal pabal;

  @BeforeAll
  static void start(RunningPabal running) {
    pabal = running;
    LINES.start();
    APPENDER.setContext(ROOT.getLoggerContext());
    APPENDER.setName("client-text");
    APPENDER.addAppender(LINES);
    APPENDER.start();
    ROOT.setLevel(Level.DEBUG);
    ROOT.addAppender(APPENDER);
  }

  @AfterAll
  static void stop() {
    ROOT.detachAppender(APPENDER);
    ROOT.setLevel(null);
    APPENDER.stop();
  }

  static Stream<Arguments> fields() {
    return HARMFUL.stream()
        .flatMap(
            harmful -> {
              String text = "client-text" + harmful + "forged";
              return Stream.of(
                      new Field("client identifier", connect(text, new byte[0]), publish(2, "a")),
                      new Field("user name", connectWithUser(text), publish(2, "a")),
                      new Field("will topic", connectWithWill(text)),
                      new Field(
                          "authentication method",
                          connect("client-text", property(AUTHENTICATION_METHOD, text))),
                      new Field(
                          "user property of CONNECT",
                          connect("client-text", property(USER_PROPERTY, text, text))),
                      new Field("topic", CONNECT, publish(1, text)),
                      new Field("refused topic", CONNECT, publish(1, "#" + text)),
                      new Field(
                          "content type", CONNECT, publish(1, "b", property(CONTENT_TYPE, text))),
                      new Field(
                          "response topic",
                          CONNECT,
                          publish(1, "b", property(RESPONSE_TOPIC, text))),
                      new Field(
                          "user property of PUBLISH",
                          CONNECT,
                          publish(1, "b", property(USER_PROPERTY, text, text))),
                      new Field(
                          "payload",
                          CONNECT,
                          subscribe("client-text/payload"),
                          publishText("client-text/payload", text)),
                      new Field("filter", CONNECT, subscribe(text)),
                      new Field("refused filter", CONNECT, subscribe("a/#/" + text)),
                      new Field("unsubscribed filter", CONNECT, unsubscribe(text)),
                      new Field(
                          "reason string", CONNECT, disconnect(property(REASON_STRING, text))))
                  .map(field -> Arguments.of(field, harmful));
            });
  }

  record Field(String name, List<byte[]> packets) {
    Field(String name, byte[]... packets) {
      this(name, List.of(packets));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest(name = "{0} {index}")
  @MethodSource("fields")
  void shouldNotReachLogsOrTerminals(Field field, String harmful) throws IOException {
    exchange(field.packets());

    APPENDER.flush();
    assertThat(LINES.list).allSatisfy(line -> assertPrintable(line.getFormattedMessage()));
  }

  @Test
  void shouldNotReachTerminalsOrBreakJson() throws IOException {
    for (Arguments each : fields().toList()) {
      exchange(((Field) each.get()[0]).packets());
    }

    for (String topic : new String[] {"messages", "sessions"}) {
      for (String harmful : HARMFUL) {
        // As an older version or a foreign producer could have written it.
        byte[] text = ("client-text" + harmful + "foreign").getBytes(UTF_8);
        pabal.write(new ProducerRecord<>(topic, text, text));
      }
    }

    for (String[] command :
        new String[][] {
          {"sessions", "list"},
          {"tail", "messages"},
          {"tail", "sessions"},
          {"tail", "locations"}
        }) {
      Result text = pabal.run(command);
      text.lines().forEach(ClientTextTest::assertPrintable);
      text.err().lines().forEach(ClientTextTest::assertPrintable);
      Result json = pabal.run(concat(command, "--format", "json"));
      json.lines().forEach(ClientTextTest::assertPrintable);
      assertThat(json.out()).contains("client-text");
      try (JsonParser parser = new ObjectMapper().createParser(json.out())) {
        while (parser.nextToken() != null) {
          assertThat(parser.currentToken()).isNotNull();
        }
      }
    }
  }

  private static void assertPrintable(String text) {
    assertThat(text.codePoints())
        .noneMatch(
            point ->
                point < ' '
                    || (point >= 0x7F && point <= 0x9F)
                    || (point >= 0x2028 && point <= 0x202E));
  }

  private static String[] concat(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  /** Sends packets and a DISCONNECT, and reads until the connector closes the connection. */
  private static void exchange(List<byte[]> packets) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), pabal.port())) {
      socket.setSoTimeout((int) TimeUnit.MINUTES.toMillis(1));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] packet : packets) {
        all.writeBytes(packet);
      }
      all.writeBytes(new byte[] {(byte) 0xE0, 0});
      socket.getOutputStream().write(all.toByteArray());
      socket.getInputStream().readAllBytes();
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset"); // closed before it had read all
    }
  }

  private static final byte[] CONNECT = connect("client-text", new byte[0]);

  private static byte[] connect(String clientId, byte[] properties) {
    return packet(
        0x10,
        bytes(
            string("MQTT"),
            new byte[] {5, 2, 0, 60},
            sized(bytes(EXPIRY, properties)),
            string(clientId)));
  }

  private static byte[] connectWithUser(String user) {
    return packet(
        0x10,
        bytes(
            string("MQTT"),
            new byte[] {5, (byte) 0x82, 0, 60, 0},
            string("client-text"),
            string(user)));
  }

  private static byte[] connectWithWill(String topic) {
    return packet(
        0x10,
        bytes(
            string("MQTT"),
            new byte[] {5, 6, 0, 60, 0},
            string("client-text"),
            new byte[] {0},
            string(topic),
            string("will")));
  }

  private static byte[] publish(int qos, String topic, byte[]... properties) {
    return packet(
        0x30 | qos << 1, bytes(string(topic), new byte[] {0, 7}, sized(bytes(properties))));
  }

  private static byte[] publishText(String topic, String payload) {
    return packet(0x32, bytes(string(topic), new byte[] {0, 7, 0}, payload.getBytes(UTF_8)));
  }

  private static byte[] subscribe(String filter) {
    return packet(0x82, bytes(new byte[] {0, 8, 0}, string(filter), new byte[] {1}));
  }

  private static byte[] unsubscribe(String filter) {
    return packet(0xA2, bytes(new byte[] {0, 9, 0}, string(filter)));
  }

  private static byte[] disconnect(byte[] properties) {
    return packet(0xE0, bytes(new byte[] {4}, sized(properties)));
  }

  private static byte[] property(int identifier, String... texts) {
    return bytes(
        new byte[] {(byte) identifier},
        bytes(Stream.of(texts).map(ClientTextTest::string).toArray(byte[][]::new)));
  }

  private static byte[] packet(int firstByte, byte[] rest) {
    return bytes(new byte[] {(byte) firstByte}, sized(rest));
  }

  /** With its length before it; all are short. */
  private static byte[] sized(byte[] content) {
    assertThat(content.length).isLessThan(128);
    return bytes(new byte[] {(byte) content.length}, content);
  }

  private static byte[] string(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      new DataOutputStream(bytes).writeUTF(text); // no character here differs from UTF-8
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
