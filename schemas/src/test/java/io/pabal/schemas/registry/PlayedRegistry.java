// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;

/**
 * A small registry that can be made to misbehave. The behaviour of a real registry is tested end to
 * end.
 */
final class PlayedRegistry implements AutoCloseable {

  /** An HTTP answer. */
  record Answer(int status, String body, String contentType) {
    static final String JSON = "application/vnd.schemaregistry.v1+json";

    Answer(int status, String body) {
      this(status, body, JSON);
    }
  }

  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  final Map<String, Answer> answers = new ConcurrentHashMap<>();

  /** The first answers by path: each is given once, in this order, before the others. */
  final Map<String, Queue<Answer>> firstAnswers = new ConcurrentHashMap<>();

  /** Runs when a question arrives. */
  volatile Runnable onRequest = () -> {};

  /** No question is answered before it is opened. */
  volatile CountDownLatch open = new CountDownLatch(0);

  private final List<Schema> schemas = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  PlayedRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api/");
  }

  URI url(String userInfo) {
    return URI.create(
        "http://" + userInfo + "@127.0.0.1:" + server.getAddress().getPort() + "/api");
  }

  /** Adds a schema, as another producer would; returns its id. */
  synchronized int add(Schema schema) {
    int known = schemas.indexOf(schema);
    if (known < 0) {
      schemas.add(schema);
      return schemas.size();
    }
    return known + 1;
  }

  long requestsOf(String path) {
    return requests.stream().filter(path::equals).count();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(path);
    onRequest.run();
    awaitOpen();
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    authorizations.add(authorization == null ? "" : authorization);
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    Queue<Answer> first = firstAnswers.get(path);
    Answer next = first == null ? null : first.poll();
    Answer set = next == null ? answers.get(path) : next;
    Answer answer = set == null ? answer(path, body) : set;
    byte[] bytes = answer.body().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    if (answer.status() / 100 == 3) {
      exchange.getResponseHeaders().set("Location", "/api/schemas/ids/1");
    }
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void awaitOpen() {
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it is closed
    }
  }

  private synchronized Answer answer(String path, String body) throws IOException {
    ObjectMapper json = new ObjectMapper();
    if (path.startsWith("/api/subjects/")) {
      Schema schema = new Schema.Parser().parse(json.readTree(body).get("schema").asText());
      return new Answer(200, "{\"id\":" + add(schema) + "}");
    }
    int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    return id > schemas.size()
        ? new Answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}")
        : new Answer(
            200, json.createObjectNode().put("schema", schemas.get(id - 1).toString()).toString());
  }
}
