// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which Redis sends nothing although something was sent to it: the other end
 * is frozen, or gone without a word (a half-open connection, on which the kernel would retransmit
 * for a quarter of an hour). The client then connects again. Works with every transport.
 *
 * <p>On the channel's event loop only. A timer runs only while a reply is missing.
 */
final class SilenceGuard extends ChannelDuplexHandler {

  /** Learns that connections are silent. Must not block. */
  interface Listener {
    /**
     * A reply of a server is missing for {@value #SUSPICIOUS_MILLIS} ms or longer.
     *
     * @return whether to give the connection up at once
     */
    boolean suspicious(SocketAddress server);

    /** The connection is closed, since a reply was missing for {@code millis}. */
    void closed(long millis);
  }

  static final long SUSPICIOUS_MILLIS = 500;
  private static final long SUSPECTED_CHECK_MILLIS = 100;
  private static final long NOTHING = 0;

  private final long silenceMaxNanos;
  private final Listener listener;

  /** The time of the first write since the last read; {@link #NOTHING} when there was none. */
  private long writtenNanos = NOTHING;

  private boolean checking;

  SilenceGuard(long silenceMaxMillis, Listener listener) {
    this.silenceMaxNanos = TimeUnit.MILLISECONDS.toNanos(silenceMaxMillis);
    this.listener = listener;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (writtenNanos == NOTHING) {
      writtenNanos = nonZero(System.nanoTime());
      if (!checking) {
        checking = true;
        checkAfter(context, SUSPICIOUS_MILLIS);
      }
    }
    var _ = context.write(message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    writtenNanos = NOTHING;
    var _ = context.fireChannelRead(message);
  }

  private void checkAfter(ChannelHandlerContext context, long millis) {
    var _ = context.executor().schedule(() -> check(context), millis, TimeUnit.MILLISECONDS);
  }

  private void check(ChannelHandlerContext context) {
    checking = false;
    if (writtenNanos == NOTHING || !context.channel().isActive()) {
      return;
    }
    long silentNanos = System.nanoTime() - writtenNanos;
    boolean suspected = silentNanos >= TimeUnit.MILLISECONDS.toNanos(SUSPICIOUS_MILLIS);
    boolean givenUp = suspected && listener.suspicious(context.channel().remoteAddress());
    if (givenUp || silentNanos >= silenceMaxNanos) {
      listener.closed(TimeUnit.NANOSECONDS.toMillis(silentNanos));
      var _ = context.close();
      return;
    }
    checking = true;
    checkAfter(context, suspected ? SUSPECTED_CHECK_MILLIS : SUSPICIOUS_MILLIS);
  }

  private static long nonZero(long nanos) {
    return nanos == NOTHING ? 1 : nanos;
  }
}
