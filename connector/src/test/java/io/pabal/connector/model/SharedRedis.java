// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.model;

import io.pabal.connector.fixture.Patience;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.schemas.topic.TopicCatalogue;
import io.pabal.sessioncache.redis.RedisLink;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.ClaimRequest;
import io.pabal.sessioncache.session.SessionClaim;
import io.pabal.sessioncache.session.SessionProgress;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.sessioncache.session.StoredSessions;
import io.pabal.sessioncache.timeline.SteppedWriter;
import io.pabal.sessioncache.timeline.TimelineKeys;
import io.pabal.sessioncache.timeline.TimelineReader;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The real Redis and the real clients of it, shared by all simulated connectors. Nothing is under
 * way there between two commands: {@link #settle} waits for every answer, which then waits in the
 * event loop that asked, and those who wait for the timeline writer look when they are told to.
 */
final class SharedRedis implements AutoCloseable {

  private static final Duration LAG_MAX = Duration.ofHours(1);
  private static final Duration WATERMARK_POLL = Duration.ofMillis(3);

  /** The longest chain of commands of which each is sent when the one before is answered. */
  private static final int CHAIN = 3;

  private final RedisServer server;
  private final RedisLink timelineLink;
  private final TestLoop watermarks = new TestLoop();
  final SessionStore sessions;
  final TimelineReader timelines;
  final SteppedWriter writer;
  final StoredSessions stored;

  SharedRedis(URI uri) throws InterruptedException {
    server = RedisServer.at(uri, Patience.MAX);
    sessions = new SessionStore(server.connect());
    timelineLink = server.connect();
    var keys = new TimelineKeys(TopicCatalogue.PARTITIONS_DEFAULT);
    timelines = new TimelineReader(timelineLink, keys, watermarks, LAG_MAX);
    stored = new StoredSessions(uri);
    stored.clear();
    writer = SteppedWriter.open(uri);
    haveScriptsCached();
  }

  /** A script that Redis does not know is sent twice, which would make the chain longer. */
  private void haveScriptsCached() {
    SessionClaim claim =
        sessions
            .claim(new ClaimRequest("nobody", "none", 0, true, 1))
            .toCompletableFuture()
            .join()
            .session();
    sessions.begin(claim, 1).toCompletableFuture().join();
    sessions.subscribe(claim, List.of()).toCompletableFuture().join();
    sessions.unsubscribe(claim, List.of()).toCompletableFuture().join();
    sessions.checkpoint(claim, SessionProgress.NONE).toCompletableFuture().join();
    sessions.touch(claim).toCompletableFuture().join();
    sessions.abandon(new SessionClaim("nobody", 0)).toCompletableFuture().join();
    sessions.release(claim, SessionProgress.NONE, 0).toCompletableFuture().join();
    var _ = timelines.read("none", 0, -1, 0, 1);
    settle();
    settle();
  }

  /** Waits until everything that was asked is answered. */
  void settle() {
    for (int i = 0; i < CHAIN; i++) {
      var session = sessions.touch(new SessionClaim("nobody", 0)).toCompletableFuture();
      var timeline = timelineLink.hashFields("nothing", "at all").toCompletableFuture();
      session.join();
      timeline.join();
    }
  }

  /** Has those who wait for the timeline writer look at how far it is. */
  void lookAtWatermarks() {
    watermarks.advance(WATERMARK_POLL);
    settle();
    watermarks.run();
  }

  @Override
  public void close() {
    writer.close();
    timelines.close();
    stored.close();
    server.close();
  }
}
