// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/** The answer to a request. */
record Answer(HttpResponseStatus status, String contentType, String body) {

  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final String JSON_TYPE = "application/json";
  private static final String PROBLEM_TYPE = "application/problem+json";

  /** The metrics, in Prometheus' text format. */
  static Answer metrics(String text) {
    return new Answer(HttpResponseStatus.OK, METRICS_TYPE, text);
  }

  /** Health: 200 when all is well, else 503. */
  static Answer health(boolean well, String json) {
    return new Answer(
        well ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, JSON_TYPE, json);
  }

  /** Problem details (RFC 9457) for a request that is not served. */
  static Answer problem(HttpResponseStatus status, String detail) {
    return new Answer(
        status,
        PROBLEM_TYPE,
        "{\"title\":%s,\"status\":%d,\"detail\":%s}\n"
            .formatted(
                JsonText.quote(status.reasonPhrase()), status.code(), JsonText.quote(detail)));
  }
}
