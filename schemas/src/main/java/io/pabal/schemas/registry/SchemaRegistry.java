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
 * The source of a role's codecs: a connection to a schema registry, or the fixed schema ids without
 * a registry.
 *
 * <p>{@code deliveries.*} carry the bytes of {@code messages}, so they have no subject.
 */
public final class SchemaRegistry implements AutoCloseable {

  /** The name of the counter of {@link #unansweredLookups}. */
  public static final String UNANSWERED_METRIC = "pabal.schema.lookups.unanswered";

  /** The description of this counter. */
  public static final String UNANSWERED_DOC =
      "Questions for a schema that the registry did not answer; they are repeated";

  /** The name of the counter of {@link #absentSchemas}. */
  public static final String ABSENT_METRIC = "pabal.schema.lookups.absent";

  /** The description of this counter. */
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
   * @param config the registry; null: none, and the ids are the fixed ones
   * @throws RegistryException when the registry or the configured serialiser cannot be used
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
   * A connection for a process that only reads. It registers nothing, and also connects when the
   * registry lacks a schema of this build. Blocks.
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

  /** The codecs. After {@link #close} they decode only records whose schema is known already. */
  public Codecs codecs() {
    return codecs;
  }

  /** The number of lookups so far without an answer that can be believed; they are repeated. */
  public LongAdder unansweredLookups() {
    return writers == null ? new LongAdder() : writers.unanswered();
  }

  /** The number of lookups so far that the registry answered with "no such schema". */
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
            int id = foreign.encodeSample(type);
            return new AvroCodec<>(of, id, writers, value -> foreign.encode(type, value));
          }
        });
  }
}
