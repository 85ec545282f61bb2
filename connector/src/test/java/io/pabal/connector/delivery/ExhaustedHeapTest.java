// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.connector.ConnectorMetrics;
import io.pabal.connector.checkpoint.CheckpointWriter;
import io.pabal.connector.checkpoint.Checkpointed;
import io.pabal.connector.control.ControlWriter;
import io.pabal.connector.fixture.PlayedRouter;
import io.pabal.connector.fixture.Servers;
import io.pabal.connector.fixture.TestLoop;
import io.pabal.connector.loop.LoopContext;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.MessageView;
import io.pabal.schemas.topic.Feeds;
import io.pabal.sessioncache.redis.RedisServer;
import io.pabal.sessioncache.session.FenceResult;
import io.pabal.sessioncache.session.ProgressWrite;
import io.pabal.sessioncache.session.SessionStore;
import io.pabal.telemetry.FatalError;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An error of one session is contained, but an exhausted heap is not: each place that notices it
 * ends the process.
 */
@ExtendWith(Servers.Extension.class)
class ExhaustedHeapTest {

  private final Servers servers;

  ExhaustedHeapTest(Servers servers) {
    this.servers = servers;
  }

  @ParameterizedTest
  @EnumSource
  void shouldEndTheProcess(Finder finder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                finder.name(),
                servers.redisUri().toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isEqualTo(FatalError.EXIT_CODE);
  }

  /** Who finds out that there is no heap. */
  enum Finder {
    FLUSH {
      @Override
      void find(TestLoop loop, LoopContext context) {
        context.touch(new Exhausted(context));
        loop.run();
      }
    },
    CHECKPOINT {
      @Override
      void find(TestLoop loop, LoopContext context) {
        var store = new SessionStore(RedisServer.at(Child.redis, Duration.ofMinutes(1)).connect());
        long[] nowNanos = new long[1];
        var writer = new CheckpointWriter(store, Duration.ofSeconds(1), 0, () -> nowNanos[0]);
        writer.moved(new Exhausted(context), "phone");
        nowNanos[0] = Duration.ofSeconds(1).toNanos();
        writer.step();
        loop.run();
      }
    },
    PUBLISHER_THAT_GOES_ON {
      @Override
      void find(TestLoop loop, LoopContext context) {
        context.awaitIngress(new Exhausted(context));
        context.ingressOpened();
      }
    },
    SUBSCRIBER_THAT_ENDS {
      @Override
      void find(TestLoop loop, LoopContext context) {
        Feed address =
            new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1).acquire("rooms/1");
        TestSubscriber subscriber = new TestSubscriber();
        subscriber.onDelivery = delivery -> new Exhausted(context).run();
        subscriber.onFailure = new Exhausted(context);
        address.add(0, subscriber);
        byte[] message = Codecs.MESSAGE.encode(PlayedRouter.message("rooms/1", "x").build());
        new Delivery(address, address.name(), 1, MessageView.of(Codecs.MESSAGE, message), 0)
            .apply(0);
      }
    },
    DELIVERIES_THREAD {
      @Override
      void find(TestLoop loop, LoopContext context) {
        MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("earliest");
        kafka.schedulePollTask(new Exhausted(context));
        var consumer =
            new DeliveryConsumer(
                kafka,
                "deliveries.c1",
                1,
                new FeedTable(new DeliveryTest.NoAnnouncer(), new Feeds(1, 2), 1),
                Codecs.MESSAGE,
                List.of(context),
                new NoSignals(),
                new ConnectorMetrics(),
                new DeliveryRings(1 << 20),
                null);
        consumer.start();
        consumer.terminated().join();
      }
    },
    CONTROL_THREAD {
      @Override
      void find(TestLoop loop, LoopContext context) {
        var control =
            new ControlWriter(
                "c1", 1, "127.0.0.1:1", 1, Codecs.FIXED, 1 << 20, () -> {}, nanos -> {});
        control.start(new Exhausted(context));
        control.terminated().join();
      }
    };

    abstract void find(TestLoop loop, LoopContext context);
  }

  /** A process that goes on when it may. */
  static final class Child {
    private static URI redis = URI.create("redis://none");

    private Child() {}

    public static void main(String[] args) {
      redis = URI.create(args[1]);
      try {
        TestLoop loop = new TestLoop();
        Finder.valueOf(args[0]).find(loop, new LoopContext(0, loop));
      } finally {
        System.exit(0);
      }
    }
  }

  /** Whatever it is asked to do, there is no heap for it. */
  private record Exhausted(LoopContext loop)
      implements Runnable, LoopContext.Flushable, Checkpointed {
    @Override
    public void run() {
      throw new OutOfMemoryError("Java heap space");
    }

    @Override
    public void flushBatch() {
      run();
    }

    @Override
    public ProgressWrite takeProgress() {
      throw new OutOfMemoryError("Java heap space");
    }

    @Override
    public void checkpointEnded(@Nullable FenceResult result, @Nullable Throwable failure) {}

    @Override
    public void failed(Throwable cause) {}
  }
}
