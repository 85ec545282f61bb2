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
 * Reads trace context that somebody else wrote. Whatever is wrong with it is no error: without a
 * valid {@code traceparent} there is no context, and without a valid {@code tracestate} there is
 * none of that (W3C Trace Context, 4.3).
 */
final class ReceivedFields implements TextMapGetter<Function<String, List<String>>> {

  /**
   * Characters of a {@code tracestate} that are taken over, as many as W3C Trace Context (3.3.1.5)
   * asks for; a longer one is left out, since it would travel with every record.
   */
  static final int TRACESTATE_CHARS_MAX = 512;

  private static final ReceivedFields INSTANCE = new ReceivedFields();

  private ReceivedFields() {}

  /** The context in a message's fields, which {@code values} finds by name, in their order. */
  static Context context(Function<String, List<String>> values) {
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), values, INSTANCE);
  }

  /** All headers of a name. */
  static List<String> values(Headers headers, String name) {
    List<String> values = new ArrayList<>(1);
    headers
        .headers(name)
        .forEach(each -> values.add(each.value() == null ? "" : new String(each.value(), UTF_8)));
    return values;
  }

  /** Two {@code traceparent} are none; several {@code tracestate} are one list (RFC 9110, 5.3). */
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
