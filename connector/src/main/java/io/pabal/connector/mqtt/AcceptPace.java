// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.mqtt;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections only as fast as the event loops take them. A batch of accepted connections
 * (16 at most, Netty's default) is taken when every loop has run what was in its queue. When
 * {@value #BATCHES_MAX} batches are not taken yet, no connection is accepted. Otherwise thousands
 * of connections that come at once would be registered and read in one turn of a loop, and the live
 * sessions of that loop would wait for all of them. The connections that are not accepted yet wait
 * in the kernel's queue of the listening socket.
 *
 * <p>Used on the acceptor's event loop only.
 */
final class AcceptPace extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(AcceptPace.class);

  private static final int BATCHES_MAX = 16;

  /** After an accept that failed, such as for want of file descriptors. */
  private static final long PAUSE_MILLIS = 1_000;

  private final List<EventLoop> loops;
  private int batches;
  private boolean pausing;

  /** A pace that {@code loops} set. */
  AcceptPace(List<EventLoop> loops) {
    this.loops = loops;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    if (++batches >= BATCHES_MAX) {
      ctx.channel().config().setAutoRead(false);
    }
    AtomicInteger busy = new AtomicInteger(loops.size());
    try {
      for (EventLoop loop : loops) {
        loop.execute(
            () -> {
              if (busy.decrementAndGet() == 0) {
                ctx.executor().execute(() -> taken(ctx));
              }
            });
      }
    } catch (RejectedExecutionException e) {
      log.debug("event loop has ended, no further connection is accepted");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.channel().config().setAutoRead(false);
    pausing = true;
    var _ = ctx.executor().schedule(() -> resume(ctx), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    log.warn("connection not accepted reason=\"{}\"", cause.toString());
  }

  private void resume(ChannelHandlerContext ctx) {
    pausing = false;
    accept(ctx);
  }

  private void taken(ChannelHandlerContext ctx) {
    batches--;
    accept(ctx);
  }

  private void accept(ChannelHandlerContext ctx) {
    if (!pausing && batches < BATCHES_MAX) {
      ctx.channel().config().setAutoRead(true);
    }
  }
}
