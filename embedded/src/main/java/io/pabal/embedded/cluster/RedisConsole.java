// SPDX-License-Identifier: Apache-2.0
package io.pabal.embedded.cluster;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one Redis server on loopback, for single commands. Each character of an argument
 * and of an answer is one byte, so binary keys keep their bytes. For use by one thread.
 */
public final class RedisConsole implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int BULK_BYTES_MAX = 16 << 20;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  /**
   * Connects to a server. Blocks, for at most 20 s.
   *
   * @throws IOException when the server does not accept the connection
   */
  public RedisConsole(int port) throws IOException {
    this(port, TIMEOUT_MILLIS);
  }

  /**
   * Connects to a server that must accept the connection, and answer each command, in time.
   *
   * @throws IOException when the server does not accept the connection
   */
  public RedisConsole(int port, int timeoutMillis) throws IOException {
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
      out = new BufferedOutputStream(socket.getOutputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends one command to a server and returns the answer as text.
   *
   * @throws IOException when the server does not answer within 20 s, or answers an error
   */
  public static String ask(int port, String... words) throws IOException {
    try (RedisConsole console = new RedisConsole(port)) {
      return console.send(words);
    }
  }

  /**
   * Sends a command and returns the answer as text; the empty text for nil.
   *
   * @throws IOException when the server does not answer within 20 s, or answers an error
   */
  public String send(String... words) throws IOException {
    return exchange(List.of(words)) instanceof String text ? text : "";
  }

  /**
   * Sends a command whose answer is an array, and returns its elements.
   *
   * @throws IOException when the server does not answer within 20 s, or answers an error
   */
  public List<String> sendForList(String... words) throws IOException {
    List<String> texts = new ArrayList<>();
    if (exchange(List.of(words)) instanceof List<?> elements) {
      elements.forEach(element -> texts.add(element instanceof String text ? text : ""));
    }
    return texts;
  }

  private @Nullable Object exchange(List<String> words) throws IOException {
    StringBuilder request = new StringBuilder().append('*').append(words.size()).append("\r\n");
    for (String word : words) {
      request.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return answer();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private @Nullable Object answer() throws IOException {
    String line = line();
    String rest = line.isEmpty() ? "" : line.substring(1);
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+', ':' -> rest;
      case '-' -> throw new RedisErrorException(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> array(Integer.parseInt(rest));
      default -> throw new IOException("answer: %s (expected: one of Redis)".formatted(line));
    };
  }

  private @Nullable String bulk(int bytes) throws IOException {
    if (bytes < 0) {
      return null;
    }
    if (bytes > BULK_BYTES_MAX) {
      throw new IOException(
          "answer: %d bytes (expected: at most %d)".formatted(bytes, BULK_BYTES_MAX));
    }
    String text = new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
    var _ = line();
    return text;
  }

  private List<@Nullable Object> array(int length) throws IOException {
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      elements.add(answer());
    }
    return elements;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("the connection ended before an answer");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
