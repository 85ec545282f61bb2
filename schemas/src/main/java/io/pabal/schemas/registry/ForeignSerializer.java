// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.RecordType;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;

/**
 * A Kafka serialiser that the operator names and that encodes values instead of {@link AvroCodec}.
 * It is configured as Confluent's serialiser is.
 *
 * <p>Values are encoded on event loops, which must not block. So a sample of each record type is
 * encoded at the start: a serialiser normally queries the registry for the first value of a type,
 * and caches the answer.
 */
final class ForeignSerializer implements AutoCloseable {

  private final String className;
  private final Serializer<Object> serializer;

  private ForeignSerializer(String className, Serializer<Object> serializer) {
    this.className = className;
    this.serializer = serializer;
  }

  /**
   * Loads and configures the serialiser.
   *
   * @throws RegistryException when the class cannot be loaded or configured
   */
  static ForeignSerializer load(String className, RegistryConfig config) {
    try {
      @SuppressWarnings("unchecked") // the type argument of a class loaded by its name is unknown
      var serializer =
          (Serializer<Object>)
              Class.forName(className)
                  .asSubclass(Serializer.class)
                  .getDeclaredConstructor()
                  .newInstance();
      serializer.configure(settings(config), false);
      return new ForeignSerializer(className, serializer);
    } catch (ReflectiveOperationException | ClassCastException | KafkaException e) {
      throw unusable(className, e.toString());
    }
  }

  private static Map<String, Object> settings(RegistryConfig config) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("schema.registry.url", config.url().toString());
    settings.put("auto.register.schemas", config.autoRegister());
    settings.put("avro.remove.java.properties", true);
    if (config.url().getUserInfo() != null) {
      settings.put("basic.auth.credentials.source", "URL");
    }
    return settings;
  }

  /** The bytes of a value for the topic of {@code type}. */
  byte[] encode(RecordType type, Object value) {
    return serializer.serialize(type.topic(), value);
  }

  /**
   * Encodes a sample value, and returns the schema id that the serialiser wrote. May block.
   *
   * @throws RegistryException when the serialiser fails, or does not write the Confluent wire
   *     format
   */
  int encodeSample(RecordType type) {
    byte[] bytes;
    try {
      bytes = encode(type, Samples.of(type));
    } catch (RuntimeException e) {
      throw unusable(className, type.recordName() + ": " + e);
    }
    if (bytes.length < AvroCodec.PREFIX_BYTES || bytes[0] != AvroCodec.MAGIC) {
      throw unusable(
          className,
          type.recordName() + ": it does not write a zero byte and a schema id before the value");
    }
    return ByteBuffer.wrap(bytes).getInt(1);
  }

  @Override
  public void close() {
    serializer.close();
  }

  private static RegistryException unusable(String className, String why) {
    return new RegistryException(
        "schema.serializer.class: %s cannot be used: %s (expected: a Kafka Serializer on the class path that writes Avro in the Confluent wire format). Add its jar by PABAL_CLASSPATH, or remove the key."
            .formatted(className, why));
  }
}
