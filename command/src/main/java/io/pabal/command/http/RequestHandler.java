// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one request and closes its connection. A client that asks every few seconds needs no
 * more, and requests cannot pile up.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

  private static final String ALLOWED = "GET, HEAD";
  private static final String PATHS = "/metrics, /health/live or /health/ready";

  private final Monitor monitor;
  private boolean answered;

  RequestHandler(Monitor monitor) {
    this.monitor = monitor;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!answered && message instanceof HttpRequest request) {
      answered = true;
      ctx.channel().config().setAutoRead(false);
      FullHttpResponse response = response(answer(request), request.method());
      var _ = ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("connection closed reason=\"{}\"", cause.toString());
    var _ = ctx.close();
  }

  private Answer answer(HttpRequest request) {
    if (!isWellFormed(request)) {
      return Answer.problem(
          HttpResponseStatus.BAD_REQUEST,
          "The request is malformed, too large, or has a body (expected: GET %s)."
              .formatted(PATHS));
    }
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      return Answer.problem(
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          "%s (expected: %s).".formatted(request.method(), ALLOWED));
    }
    String path = new QueryStringDecoder(request.uri()).rawPath();
    try {
      return answer(path);
    } catch (RuntimeException e) {
      log.error("request not answered path={}", path, e);
      return Answer.problem(
          HttpResponseStatus.INTERNAL_SERVER_ERROR, "It failed; the log says why.");
    }
  }

  private Answer answer(String path) {
    return switch (path) {
      case "/metrics" -> Answer.metrics(monitor.scrape());
      case "/health/live" -> {
        HealthReport report = monitor.report();
        yield Answer.health(report.isLive(), report.liveJson());
      }
      case "/health/ready" -> {
        HealthReport report = monitor.report();
        yield Answer.health(report.isReady(), report.readyJson());
      }
      default ->
          Answer.problem(HttpResponseStatus.NOT_FOUND, "%s (expected: %s).".formatted(path, PATHS));
    };
  }

  private static boolean isWellFormed(HttpRequest request) {
    return request.decoderResult().isSuccess()
        && !HttpUtil.isTransferEncodingChunked(request)
        && HttpUtil.getContentLength(request, 0L) == 0;
  }

  private static FullHttpResponse response(Answer answer, HttpMethod method) {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    ByteBuf content =
        method.equals(HttpMethod.HEAD) ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), content);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, ALLOWED);
    }
    return response;
  }
}
