// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SchemaFiles;
import io.pabal.schemas.SchemaIds;
import io.pabal.schemas.address.ServerUri;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Queries a schema registry through the part of Confluent's REST API that most registries have.
 * Every call blocks. A request for the schema of a record ends after {@value #LOOKUP_SECONDS_MAX}
 * s, because records wait for it and it is repeated by the caller. A request of the start ends
 * after {@value #START_SECONDS_MAX} s: nobody repeats it, and a registry that was started a moment
 * ago takes long for its first answers. Redirects are not followed.
 */
final class RegistryClient implements AutoCloseable {

  private static final int LOOKUP_SECONDS_MAX = 5;
  private static final int START_SECONDS_MAX = 30;
  private static final long ANSWER_BYTES_MAX = 1 << 20;

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
            // A redirect leads to a login page more often than to a registry, and credentials
            // belong to the host that the URL names.
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(LOOKUP_SECONDS_MAX))
            .build();
  }

  /**
   * The id of this build's schema, which is registered if the registry lacks it.
   *
   * @throws RegistryException when the registry refuses the schema, or gives no usable answer
   */
  int register(RecordType type) {
    var answer = post("/subjects/" + type.subject() + "/versions", type);
    if (answer.status() == 409 || answer.status() == 422) {
      throw new RegistryException(
          "schema.registry.url: subject %s at %s refuses the schema %s of this release: %s (expected: a schema compatible with those registered). Ask who registered the others, or register this one under a relaxed rule."
              .formatted(type.subject(), config.maskedUrl(), type.recordName(), answer.quoted()));
    }
    return idIn(answer);
  }

  /**
   * The id of this build's schema, which has to be registered already.
   *
   * @throws RegistryException when the registry lacks the schema, or gives no usable answer
   */
  int lookUp(RecordType type) {
    return find(type)
        .orElseThrow(
            () ->
                new RegistryException(
                    "schema.registry.url: subject %s at %s does not have the schema %s of this release (expected: registered beforehand, since schema.registry.autoRegister is false). Register schemas/src/main/avro/%s.avsc, or set schema.registry.autoRegister to true."
                        .formatted(
                            type.subject(),
                            config.maskedUrl(),
                            type.recordName(),
                            type.recordName())));
  }

  /** The id of this build's schema; empty when it is not registered. */
  OptionalInt find(RecordType type) {
    var answer = post("/subjects/" + type.subject(), type);
    if (answer.isError(RegistryAnswer.SUBJECT_NOT_FOUND)
        || answer.isError(RegistryAnswer.SCHEMA_NOT_FOUND)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(idIn(answer));
  }

  /**
   * The schema with this id; empty when the registry itself says that it has none.
   *
   * @throws ForeignSchemaException when the registry declares that it is not an Avro schema
   * @throws RegistryException when there is no answer that can be believed: the schema may exist or
   *     not
   */
  Optional<Schema> schema(int id) {
    var answer = send(lookup("/schemas/ids/" + id).GET().build());
    return answer.isError(RegistryAnswer.SCHEMA_NOT_FOUND)
        ? Optional.empty()
        : Optional.of(new SchemaLookup(this).parse(json(answer)));
  }

  /** The registry's answer for one version of a subject. */
  JsonNode version(String subject, int version) {
    String encoded = URLEncoder.encode(subject, UTF_8).replace("+", "%20");
    return json(send(lookup("/subjects/" + encoded + "/versions/" + version).GET().build()));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private RegistryAnswer post(String path, RecordType type) {
    String json =
        JSON.createObjectNode().put("schema", SchemaFiles.current(type).toString()).toString();
    return send(
        request(path, START_SECONDS_MAX)
            .header("Content-Type", MEDIA_TYPE)
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  private HttpRequest.Builder lookup(String path) {
    return request(path, LOOKUP_SECONDS_MAX);
  }

  private HttpRequest.Builder request(String path, int secondsMax) {
    String root;
    try {
      root = rootOf(url);
    } catch (UnknownHostException e) {
      throw noAnswer(e);
    }
    var request =
        HttpRequest.newBuilder(URI.create(root + path))
            .timeout(Duration.ofSeconds(secondsMax))
            .header("Accept", MEDIA_TYPE + ", application/json");
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  private RegistryAnswer send(HttpRequest request) {
    try {
      return RegistryAnswer.of(
          http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX)));
    } catch (IOException e) {
      throw noAnswer(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(
          "schema.registry.url: interrupted while asking " + config.maskedUrl(), e);
    }
  }

  private RegistryException noAnswer(IOException e) {
    return new RegistryException(
        "schema.registry.url: %s does not answer: %s (expected: a schema registry). Check that it runs and can be reached from here."
            .formatted(config.maskedUrl(), e),
        e);
  }

  private int idIn(RegistryAnswer answer) {
    JsonNode id = json(answer).path("id");
    if (!id.isInt() || id.intValue() < 0 || SchemaIds.isFixed(id.intValue())) {
      throw unexpected(answer);
    }
    return id.intValue();
  }

  private JsonNode json(RegistryAnswer answer) {
    if (answer.status() == 401 || answer.status() == 403) {
      throw new RegistryException(
          "schema.registry.url: %s does not let this role in: HTTP %d (expected: HTTP 200). Put the credentials into the URL, http://USER:PASSWORD@HOST."
              .formatted(config.maskedUrl(), answer.status()));
    }
    JsonNode json = answer.json();
    if (answer.status() != 200 || json == null) {
      throw unexpected(answer);
    }
    return json;
  }

  private RegistryException unexpected(RegistryAnswer answer) {
    return new RegistryException(
        "schema.registry.url: %s answers HTTP %d to %s with: %s (expected: Confluent's schema registry API, version 7, without redirects). Check the path of the URL; Apicurio has this API below /apis/ccompat/v7."
            .formatted(config.maskedUrl(), answer.status(), answer.path(), answer.quoted()));
  }

  private static @Nullable String authorizationOf(ServerUri url) {
    String userInfo = url.userInfo();
    return userInfo == null
        ? null
        : "Basic "
            + Base64.getEncoder().encodeToString(ServerUri.decoded(userInfo).getBytes(UTF_8));
  }

  /**
   * The root of the URL, as Java's HTTP client accepts it. The client refuses a host name with an
   * underscore, so such a name is resolved to an address first.
   */
  private static String rootOf(ServerUri url) throws UnknownHostException {
    return url.host().indexOf('_') < 0
        ? url.root()
        : url.withHost(InetAddress.getByName(url.host()).getHostAddress()).root();
  }
}
