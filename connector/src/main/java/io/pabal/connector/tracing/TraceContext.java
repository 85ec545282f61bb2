// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.pabal.schemas.UserProperty;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Where a traced message stands in its trace, as W3C Trace Context writes it: in Kafka record
 * headers and in MQTT 5 user properties (W3C's draft "Trace Context: MQTT protocol"), under the
 * same two names.
 *
 * @param traceparent the field of that name
 * @param tracestate the field of that name; null: none
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {

  /** The name of the field that says which trace it is, and which span of it. */
  public static final String TRACEPARENT = "traceparent";

  /** The name of the field in which tracing systems keep what is their own. */
  public static final String TRACESTATE = "tracestate";

  /** Whether {@code name} is that of one of the two fields. */
  public static boolean isField(String name) {
    return name.equals(TRACEPARENT) || name.equals(TRACESTATE);
  }

  /** What a publisher gave with its message; the root context when that is nothing valid. */
  static Context given(List<UserProperty> properties) {
    return properties.isEmpty()
        ? Context.root()
        : ReceivedFields.context(
            name ->
                properties.stream()
                    .filter(each -> each.getName().equals(name))
                    .map(UserProperty::getValue)
                    .toList());
  }

  /** What a record's headers say; the root context when that is nothing valid. */
  static Context given(Headers headers) {
    return headers.lastHeader(TRACEPARENT) == null
        ? Context.root()
        : ReceivedFields.context(name -> ReceivedFields.values(headers, name));
  }

  /** What those are told who get the message at {@code context}. */
  static TraceContext at(Context context) {
    String[] fields = new String[2];
    W3CTraceContextPropagator.getInstance()
        .inject(context, fields, (to, name, value) -> to[name.equals(TRACEPARENT) ? 0 : 1] = value);
    return new TraceContext(fields[0], fields[1]);
  }

  /** About how many bytes the fields are, with their names. */
  int bytes() {
    int bytes = TRACEPARENT.length() + traceparent.length();
    return tracestate == null ? bytes : bytes + TRACESTATE.length() + tracestate.length();
  }

  /** The fields as headers of a record. */
  Headers toHeaders() {
    Headers headers = new RecordHeaders().add(TRACEPARENT, traceparent.getBytes(UTF_8));
    return tracestate == null ? headers : headers.add(TRACESTATE, tracestate.getBytes(UTF_8));
  }
}
