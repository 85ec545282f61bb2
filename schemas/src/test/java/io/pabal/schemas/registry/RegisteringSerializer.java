// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.RecordType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * A serialiser like Confluent's: loaded by name, configured by a map. It registers the schema of a
 * topic when it encodes the first value for this topic.
 */
public final class RegisteringSerializer implements Serializer<Object> {

  static final List<String> encoded = new ArrayList<>();

  private final Map<String, Integer> ids = new ConcurrentHashMap<>();
  private @Nullable RegistryClient client;

  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    assertThat(isKey).isFalse();
    assertThat(settings.get("auto.register.schemas")).isEqualTo(true);
    client =
        new RegistryClient(
            RegistryConfig.at(URI.create(String.valueOf(settings.get("schema.registry.url")))));
  }

  @Override
  public byte[] serialize(String topic, Object value) {
    encoded.add(topic);
    int id = ids.computeIfAbsent(topic, this::register);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    try {
      var encoder = EncoderFactory.get().binaryEncoder(out, null);
      new SpecificDatumWriter<>(((SpecificRecord) value).getSchema())
          .write((SpecificRecord) value, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private int register(String topic) {
    RecordType type =
        Arrays.stream(RecordType.values())
            .filter(each -> each.topic().equals(topic))
            .findFirst()
            .orElseThrow();
    return Objects.requireNonNull(client).register(type);
  }
}
