// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/** What somebody else does to a registry: another producer, an administrator. */
record RegistryApi(URI root) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the build unpacked the server. */
  static Path home() {
    return Path.of("..", "embedded", "target", "registry").toAbsolutePath().normalize();
  }

  /** Registers a schema and returns its id. */
  int register(String subject, String schema) throws IOException, InterruptedException {
    String body = JSON.createObjectNode().put("schema", schema).toString();
    return JSON.readTree(send("POST", "/subjects/" + subject + "/versions", body))
        .get("id")
        .asInt();
  }

  void put(String path, String body) throws IOException, InterruptedException {
    send("PUT", path, body);
  }

  String get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  private String send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(root + path))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      var answer = http.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }
}
