// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.routing;

import io.pabal.router.config.RouterConfig;
import io.pabal.router.streams.StreamsSettings;
import io.pabal.schemas.DeliveryHeader;
import io.pabal.schemas.DeliveryHeader.Routed;
import io.pabal.schemas.topic.TopicCatalogue;
import java.nio.file.Path;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The baseline for the router: a Kafka Streams application with the router's settings. It forwards
 * each record of {@code messages} as it is, with a header of the size of the router's, and looks up
 * nothing.
 */
public final class PassThrough {

  /** Its application id. */
  public static final String APPLICATION_ID = "pass-through";

  private PassThrough() {}

  /** Runs until the process is ended: bootstrap servers, output topic, state directory. */
  public static void main(String[] arguments) {
    var config = RouterConfig.defaults(arguments[0], Path.of(arguments[2]));
    var settings = StreamsSettings.of(config);
    settings.put("application.id", APPLICATION_ID);
    settings.put("num.standby.replicas", 0);
    var streams = new KafkaStreams(topology(arguments[1]), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close, "pass-through-close"));
    streams.start();
  }

  private static Topology topology(String output) {
    var bytes = new ByteArrayDeserializer();
    return new Topology()
        .addSource(
            AutoOffsetReset.earliest(), "messages", null, bytes, bytes, TopicCatalogue.MESSAGES)
        .addProcessor("pass-through", Forwarder::new, "messages")
        .addSink(
            "output", output, new ByteArraySerializer(), new ByteArraySerializer(), "pass-through");
  }

  private static final class Forwarder extends ContextualProcessor<byte[], byte[], byte[], byte[]> {

    private final byte[] header = new Routed(0, 0, 0, 0).toBytes();

    @Override
    public void process(Record<byte[], byte[]> record) {
      record.headers().add(DeliveryHeader.NAME, header);
      context().forward(record);
    }
  }
}
