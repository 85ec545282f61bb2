// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer, from the registry or from a proxy in front of it.
 *
 * @param error the registry's own error code; 0 when there is none
 * @param json the body; null when it is not a JSON object, or its Content-Type is not JSON
 */
record RegistryAnswer(int status, String path, String body, int error, @Nullable JsonNode json) {

  /** The registry's error code for "no such subject". */
  static final int SUBJECT_NOT_FOUND = 40401;

  /** The registry's error code for "no such schema". */
  static final int SCHEMA_NOT_FOUND = 40403;

  private static final int QUOTED_CHARS_MAX = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  static RegistryAnswer of(HttpResponse<String> response) {
    JsonNode json = jsonIn(response);
    return new RegistryAnswer(
        response.statusCode(),
        response.uri().getPath(),
        response.body(),
        json == null ? 0 : json.path("error_code").asInt(0),
        json);
  }

  /** Whether the registry itself reports this error. The status alone may be a proxy's. */
  boolean isError(int errorCode) {
    return status == 404 && error == errorCode;
  }

  /** The body for error texts: one line without control characters, cut to 300 characters. */
  String quoted() {
    String line = body.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return '`' + line.substring(0, Math.min(line.length(), QUOTED_CHARS_MAX)) + '`';
  }

  private static @Nullable JsonNode jsonIn(HttpResponse<String> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    String essence = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    if (!essence.endsWith("/json") && !essence.endsWith("+json")) {
      return null;
    }
    try {
      JsonNode json = JSON.readTree(response.body());
      return json.isObject() ? json : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
