// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace context that a publisher or another connector wrote. An invalid field is not an
 * error: without a valid {@code traceparent} there is no context, and an invalid {@code tracestate}
 * is left out (W3C Trace Context, 4.3).
 */
final class ReceivedFields implements TextMapGetter<Function<String, List<String>>> {

  /**
   * The longest {@code tracestate} that is propagated, in characters: as many as W3C Trace Context
   * (3.3.1.5) asks for. A longer one is left out, because it would travel with every record.
   */
  static final int TRACESTATE_CHARS_MAX = 512;

  private static final ReceivedFields INSTANCE = new ReceivedFields();

  private ReceivedFields() {}

  /** The context in the fields of a message. {@code values} returns those of a name, in order. */
  static Context context(Function<String, List<String>> values) {
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), values, INSTANCE);
  }

  /** The values of all headers of a name, in their order; an absent value is the empty string. */
  static List<String> values(Headers headers, String name) {
    List<String> values = new ArrayList<>(1);
    headers
        .headers(name)
        .forEach(each -> values.add(each.value() == null ? "" : new String(each.value(), UTF_8)));
    return values;
  }

  /**
   * The value of a field. Several {@code traceparent} fields count as none. Several {@code
   * tracestate} fields are joined to one list (RFC 9110, 5.3).
   */
  @Override
  public @Nullable String get(
      @Nullable Function<String, List<String>> carrier, @Nullable String name) {
    if (carrier == null || name == null) {
      return null;
    }
    List<String> values = carrier.apply(name);
    if (name.equals(TraceContext.TRACEPARENT)) {
      return values.size() == 1 ? values.getFirst() : null;
    }
    String list = String.join(",", values);
    return list.isEmpty() || list.length() > TRACESTATE_CHARS_MAX ? null : list;
  }
}
