// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SchemaFiles;
import io.pabal.schemas.SchemaIds;
import io.pabal.schemas.address.ServerUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Asks a schema registry, by the part of Confluent's REST API that most registries have. Every call
 * blocks, for {@value #TIMEOUT_SECONDS} s at most; none is repeated.
 */
final class RegistryClient implements AutoCloseable {

  private static final int TIMEOUT_SECONDS = 5;
  private static final long ANSWER_BYTES_MAX = 1 << 20;
  private static final int QUOTED_CHARS_MAX = 300;

  /** What a registry says beside 404, and a server that is none does not. */
  private static final String ERROR_CODE = "\"error_code\"";

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RegistryConfig config;
  private final ServerUri url;
  private final @Nullable String authorization;
  private final HttpClient http;

  RegistryClient(RegistryConfig config) {
    this.config = config;
    this.url = ServerUri.of(config.url());
    this.authorization = authorizationOf(url);
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(TIMEOUT_SECONDS))
            .build();
  }

  /** The id of this build's schema, which is registered if the registry lacks it. */
  int register(RecordType type) {
    var answer = post("/subjects/" + type.subject() + "/versions", type);
    if (answer.statusCode() == 409 || answer.statusCode() == 422) {
      throw new RegistryException(
          "schema.registry.url: subject %s at %s refuses the schema %s of this release: %s (expected: a schema compatible with those registered). Ask who registered the others, or register this one under a relaxed rule."
              .formatted(type.subject(), config.shown(), type.recordName(), quoted(answer.body())));
    }
    return idIn(answer);
  }

  /** The id of this build's schema, which has to be registered already. */
  int lookUp(RecordType type) {
    return find(type)
        .orElseThrow(
            () ->
                new RegistryException(
                    "schema.registry.url: subject %s at %s does not have the schema %s of this release (expected: registered beforehand, since schema.registry.autoRegister is false). Register schemas/src/main/avro/%s.avsc, or set schema.registry.autoRegister to true."
                        .formatted(
                            type.subject(), config.shown(), type.recordName(), type.recordName())));
  }

  /** The id of this build's schema; empty when it is not registered. */
  OptionalInt find(RecordType type) {
    var answer = post("/subjects/" + type.subject(), type);
    if (answer.statusCode() == 404 && answer.body().contains(ERROR_CODE)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(idIn(answer));
  }

  /** The Avro schema with this id; empty when the registry has none. */
  Optional<Schema> schema(int id) {
    var answer = send(request("/schemas/ids/" + id).GET().build());
    if (answer.statusCode() == 404) {
      return Optional.empty();
    }
    JsonNode text = body(answer).path("schema");
    if (!text.isTextual()) {
      throw nonsense(answer, null);
    }
    try {
      return Optional.of(new Schema.Parser().parse(text.asText()));
    } catch (AvroRuntimeException e) {
      // A schema of another kind, JSON or Protobuf: nothing in Pabal's topics was written with it.
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpResponse<String> post(String path, RecordType type) {
    String json =
        JSON.createObjectNode().put("schema", SchemaFiles.current(type).toString()).toString();
    return send(
        request(path)
            .header("Content-Type", MEDIA_TYPE)
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    String root;
    try {
      root = rootOf(url);
    } catch (UnknownHostException e) {
      throw noAnswer(e);
    }
    var request =
        HttpRequest.newBuilder(URI.create(root + path))
            .timeout(Duration.ofSeconds(TIMEOUT_SECONDS))
            .header("Accept", MEDIA_TYPE + ", application/json");
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX));
    } catch (IOException e) {
      throw noAnswer(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(
          "schema.registry.url: interrupted while asking " + config.shown(), e);
    }
  }

  private RegistryException noAnswer(IOException e) {
    return new RegistryException(
        "schema.registry.url: %s does not answer: %s (expected: a schema registry). Check that it runs and can be reached from here."
            .formatted(config.shown(), e),
        e);
  }

  private int idIn(HttpResponse<String> answer) {
    JsonNode id = body(answer).path("id");
    if (!id.isInt() || id.intValue() < 0 || SchemaIds.isFixed(id.intValue())) {
      throw nonsense(answer, null);
    }
    return id.intValue();
  }

  private JsonNode body(HttpResponse<String> answer) {
    if (answer.statusCode() == 401 || answer.statusCode() == 403) {
      throw new RegistryException(
          "schema.registry.url: %s does not let this role in: HTTP %d (expected: HTTP 200). Put the credentials into the URL, http://USER:PASSWORD@HOST."
              .formatted(config.shown(), answer.statusCode()));
    }
    if (answer.statusCode() != 200) {
      throw nonsense(answer, null);
    }
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw nonsense(answer, e);
    }
  }

  private RegistryException nonsense(HttpResponse<String> answer, @Nullable Exception cause) {
    String message =
        "schema.registry.url: %s answers HTTP %d to %s with: %s (expected: Confluent's schema registry API, version 7). Check the path of the URL; Apicurio has this API below /apis/ccompat/v7."
            .formatted(
                config.shown(), answer.statusCode(), answer.uri().getPath(), quoted(answer.body()));
    return cause == null ? new RegistryException(message) : new RegistryException(message, cause);
  }

  private static String quoted(String body) {
    String line = body.replaceAll("\\s+", " ").strip();
    return '`' + line.substring(0, Math.min(line.length(), QUOTED_CHARS_MAX)) + '`';
  }

  private static @Nullable String authorizationOf(ServerUri url) {
    String userInfo = url.userInfo();
    return userInfo == null
        ? null
        : "Basic "
            + Base64.getEncoder().encodeToString(ServerUri.decoded(userInfo).getBytes(UTF_8));
  }

  /**
   * What Java's client of HTTP takes: it refuses a host with an underscore, so this one is looked
   * up before.
   */
  private static String rootOf(ServerUri url) throws UnknownHostException {
    return url.host().indexOf('_') < 0
        ? url.root()
        : url.withHost(InetAddress.getByName(url.host()).getHostAddress()).root();
  }
}
