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
 * The position of a message in its trace, in the format of W3C Trace Context. Kafka record headers
 * and MQTT 5 user properties (W3C's draft "Trace Context: MQTT protocol") carry it under these two
 * names.
 *
 * @param traceparent the value of the field of that name
 * @param tracestate the value of the field of that name; null: none
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {

  /** The name of the field that identifies the trace and the span. */
  public static final String TRACEPARENT = "traceparent";

  /** The name of the field in which tracing systems keep data of their own. */
  public static final String TRACESTATE = "tracestate";

  /** Whether {@code name} is the name of one of the two fields. */
  public static boolean isField(String name) {
    return name.equals(TRACEPARENT) || name.equals(TRACESTATE);
  }

  /** The context in a message's user properties; the root context when there is no valid one. */
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

  /** The context in a record's headers; the root context when there is no valid one. */
  static Context given(Headers headers) {
    return headers.lastHeader(TRACEPARENT) == null
        ? Context.root()
        : ReceivedFields.context(name -> ReceivedFields.values(headers, name));
  }

  /** The fields for the recipients of a message, at {@code context}, which has a valid span. */
  static TraceContext at(Context context) {
    String[] fields = new String[2];
    W3CTraceContextPropagator.getInstance()
        .inject(context, fields, (to, name, value) -> to[name.equals(TRACEPARENT) ? 0 : 1] = value);
    return new TraceContext(fields[0], fields[1]);
  }

  /** Length of the fields in bytes, their names included; approximate. */
  int bytes() {
    int bytes = TRACEPARENT.length() + traceparent.length();
    return tracestate == null ? bytes : bytes + TRACESTATE.length() + tracestate.length();
  }

  /** The fields as Kafka record headers. */
  Headers toHeaders() {
    Headers headers = new RecordHeaders().add(TRACEPARENT, traceparent.getBytes(UTF_8));
    return tracestate == null ? headers : headers.add(TRACESTATE, tracestate.getBytes(UTF_8));
  }
}
