// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import io.pabal.schemas.AvroCodec;
import io.pabal.schemas.Codecs;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SchemaFiles;
import io.pabal.schemas.SchemaIds;
import io.pabal.schemas.WriterSchemas;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a schema registry, or none: where a role gets its codecs from.
 *
 * <p>{@code deliveries.*} carry the bytes of {@code messages}, so they have no subject.
 */
public final class SchemaRegistry implements AutoCloseable {

  /** The name of the counter of {@link #unansweredLookups}. */
  public static final String UNANSWERED_METRIC = "pabal.schema.lookups.unanswered";

  /** What it says. */
  public static final String UNANSWERED_DOC =
      "Questions for a schema that the registry did not answer; they are repeated";

  /** The name of the counter of {@link #absentSchemas}. */
  public static final String ABSENT_METRIC = "pabal.schema.lookups.absent";

  /** What it says. */
  public static final String ABSENT_DOC =
      "Answers of the registry that it has no schema with the id of a record";

  private final Codecs codecs;
  private final @Nullable RegisteredSchemas writers;
  private final List<Runnable> closing;

  private SchemaRegistry(
      Codecs codecs, @Nullable RegisteredSchemas writers, List<Runnable> closing) {
    this.codecs = codecs;
    this.writers = writers;
    this.closing = closing;
  }

  /**
   * Looks up or registers the schemas of all topics. Blocks.
   *
   * @param config the registry; null: none, the ids are the fixed ones
   * @throws RegistryException when the registry cannot be used
   */
  public static SchemaRegistry connect(@Nullable RegistryConfig config) {
    if (config == null) {
      return new SchemaRegistry(Codecs.FIXED, null, List.of());
    }
    var client = new RegistryClient(config);
    try {
      var writers = new RegisteredSchemas(config, client);
      String serializerClass = config.serializerClass();
      if (serializerClass == null) {
        return new SchemaRegistry(own(config, client, writers), writers, List.of(client::close));
      }
      var foreign = ForeignSerializer.load(serializerClass, config);
      return new SchemaRegistry(
          foreign(foreign, writers), writers, List.of(client::close, foreign::close));
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /**
   * A connection for somebody who only reads: nothing is registered, and a schema of this build
   * that the registry lacks hinders nobody. Blocks.
   *
   * @param config the registry; null: none, and only fixed ids can be read
   * @throws RegistryException when the registry cannot be used
   */
  public static SchemaRegistry connectToRead(@Nullable RegistryConfig config) {
    if (config == null) {
      return connect(null);
    }
    var client = new RegistryClient(config);
    try {
      var writers = new RegisteredSchemas(config, client);
      return new SchemaRegistry(reading(client, writers), writers, List.of(client::close));
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** The codecs. After {@link #close} they read what they know and ask for nothing more. */
  public Codecs codecs() {
    return codecs;
  }

  /** Lookups so far that got no answer which can be believed; they are repeated. */
  public LongAdder unansweredLookups() {
    return writers == null ? new LongAdder() : writers.unanswered();
  }

  /** Lookups so far that the registry answered with "no such schema". */
  public LongAdder absentSchemas() {
    return writers == null ? new LongAdder() : writers.absent();
  }

  @Override
  public void close() {
    closing.forEach(Runnable::run);
  }

  private static Codecs own(RegistryConfig config, RegistryClient client, WriterSchemas writers) {
    return Codecs.of(
        new Codecs.Source() {
          @Override
          public <T extends SpecificRecordBase> AvroCodec<T> codec(RecordType type, Class<T> of) {
            int id = config.autoRegister() ? client.register(type) : client.lookUp(type);
            return new AvroCodec<>(of, id, writers, null);
          }
        });
  }

  private static Codecs reading(RegistryClient client, WriterSchemas writers) {
    return Codecs.of(
        new Codecs.Source() {
          @Override
          public <T extends SpecificRecordBase> AvroCodec<T> codec(RecordType type, Class<T> of) {
            int id = client.find(type).orElseGet(() -> SchemaIds.fixed(SchemaFiles.current(type)));
            return new AvroCodec<>(of, id, writers, null);
          }
        });
  }

  private static Codecs foreign(ForeignSerializer foreign, WriterSchemas writers) {
    return Codecs.of(
        new Codecs.Source() {
          @Override
          public <T extends SpecificRecordBase> AvroCodec<T> codec(RecordType type, Class<T> of) {
            int id = foreign.begin(type);
            return new AvroCodec<>(of, id, writers, value -> foreign.encode(type, value));
          }
        });
  }
}
