// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads one record type in the Confluent wire format: a zero byte, the schema's id as
 * four bytes big-endian, then the Avro binary encoding.
 *
 * <p>It writes under one id and reads every id whose schema {@link WriterSchemas} knows, resolved
 * to the schema of this build. Safe for use by many threads; encoder, decoder and buffer are kept
 * per thread, and readers for at most {@value #READERS_MAX} other ids.
 */
@NullMarked
public final class AvroCodec<T extends SpecificRecordBase> {

  /** Another encoder of the same format. */
  public interface Encoding<T> {
    /** The wire-format bytes. Called on event loops, so it must not block. */
    byte[] encode(T value);
  }

  /** The first byte of every value. */
  public static final byte MAGIC = 0;

  /** Bytes before the Avro encoding: the magic byte and the schema id. */
  public static final int PREFIX_BYTES = 1 + Integer.BYTES;

  static {
    // Avro instantiates only trusted classes: the generated ones are added.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getPackageName().equals(AvroCodec.class.getPackageName())));
  }

  private static final int READERS_MAX = 100;
  private static final long PENDING_MILLIS_MAX = 2_000;

  private final int schemaId;
  private final Schema schema;
  private final WriterSchemas writers;
  private final DatumWriter<T> writer;
  private final SpecificDatumReader<T> reader;
  private final ConcurrentHashMap<Integer, SpecificDatumReader<T>> otherReaders =
      new ConcurrentHashMap<>();
  private final @Nullable Encoding<T> encoding;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  /**
   * A codec for the generated class {@code type}, written under the schema id {@code schemaId}.
   *
   * @param writers returns the schemas of other ids
   * @param encoding encodes in place of this class; null: this class encodes
   */
  public AvroCodec(
      Class<T> type, int schemaId, WriterSchemas writers, @Nullable Encoding<T> encoding) {
    this.schema = SpecificData.get().getSchema(type);
    this.schemaId = schemaId;
    this.writers = writers;
    this.encoding = encoding;
    this.writer = writerOf(type, schema);
    this.reader = new SpecificDatumReader<>(schema);
  }

  /** The schema id of the values that are encoded. */
  public int schemaId() {
    return schemaId;
  }

  /** The wire-format bytes of {@code value}; a new array that the caller owns. */
  public byte[] encode(T value) {
    return encoding == null ? encodeHere(value) : encoding.encode(value);
  }

  /**
   * The same record in the schema of this build; {@code bytes} itself when it is in that schema
   * already. Never blocks.
   *
   * @throws MalformedRecordException as {@link #decode}; bytes in the own schema are not decoded
   *     here, so they may turn out malformed when their fields are read
   * @throws SchemaPendingException as {@link #decode}
   */
  byte[] inOwnSchema(byte @Nullable [] bytes) {
    return bytes != null && idIn(bytes) == schemaId ? bytes : encodeHere(decode(bytes));
  }

  /**
   * The record in {@code bytes}. Never blocks.
   *
   * @throws MalformedRecordException when the bytes are not this record in the wire format, or
   *     their schema is no schema of it
   * @throws SchemaPendingException when their schema is being looked up
   */
  public T decode(byte @Nullable [] bytes) {
    if (bytes == null) {
      throw new MalformedRecordException(schema.getFullName() + ": a record without a value");
    }
    SpecificDatumReader<T> resolving = readerOf(idIn(bytes));
    Scratch local = scratch.get();
    local.decoder =
        DecoderFactory.get()
            .binaryDecoder(bytes, PREFIX_BYTES, bytes.length - PREFIX_BYTES, local.decoder);
    try {
      return Objects.requireNonNull(resolving.read(null, local.decoder));
    } catch (IOException | RuntimeException e) {
      throw new MalformedRecordException(schema.getFullName() + ": cannot be decoded: " + e, e);
    }
  }

  /**
   * The record in {@code bytes}; waits up to {@value #PENDING_MILLIS_MAX} ms for a schema that is
   * being looked up. Not for event loops.
   *
   * @throws MalformedRecordException as {@link #decode}
   * @throws SchemaPendingException when the schema is still not known
   */
  public T decodeAwaiting(byte @Nullable [] bytes) {
    try {
      return decode(bytes);
    } catch (SchemaPendingException pending) {
      pending.await(PENDING_MILLIS_MAX);
      return decode(bytes);
    }
  }

  private byte[] encodeHere(T value) {
    Scratch local = scratch.get();
    local.buffer.reset();
    local.buffer.writeInt(MAGIC, schemaId);
    local.encoder = EncoderFactory.get().directBinaryEncoder(local.buffer, local.encoder);
    try {
      writer.write(value, local.encoder);
      local.encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return local.buffer.toByteArray();
  }

  @SuppressWarnings("unchecked") // the type is T's
  private static <T extends SpecificRecordBase> DatumWriter<T> writerOf(
      Class<T> type, Schema schema) {
    return type.equals(Message.class)
        ? (DatumWriter<T>) new MessageWriter()
        : new SpecificDatumWriter<>(schema);
  }

  private int idIn(byte[] bytes) {
    if (bytes.length < PREFIX_BYTES || bytes[0] != MAGIC) {
      throw new MalformedRecordException(
          schema.getFullName()
              + ": not in the Confluent wire format (expected: a zero byte and a schema id first)");
    }
    return ByteBuffer.wrap(bytes).getInt(1);
  }

  private SpecificDatumReader<T> readerOf(int id) {
    if (id == schemaId) {
      return reader;
    }
    SpecificDatumReader<T> known = otherReaders.get(id);
    if (known != null) {
      return known;
    }
    Schema written = writers.get(id);
    if (!SchemaCompatibility.schemaNameEquals(schema, written)
        || SchemaCompatibility.checkReaderWriterCompatibility(schema, written).getType()
            != SchemaCompatibilityType.COMPATIBLE) {
      throw new MalformedRecordException(
          "%s: schema id %d is of %s (expected: a compatible schema of the same name)"
              .formatted(schema.getFullName(), id, written.getFullName()));
    }
    SpecificDatumReader<T> created = new SpecificDatumReader<>(written, schema);
    if (otherReaders.size() >= READERS_MAX) {
      otherReaders.clear();
    }
    otherReaders.put(id, created);
    return created;
  }

  private static final class Scratch {
    final GrowingBuffer buffer = new GrowingBuffer();
    @Nullable BinaryEncoder encoder;
    @Nullable BinaryDecoder decoder;
  }

  /**
   * A byte array output stream without locks; {@link #reset} drops an array that has grown large.
   */
  private static final class GrowingBuffer extends java.io.OutputStream {
    private static final int KEPT_BYTES_MAX = 64 * 1024;

    private byte[] bytes = new byte[1024];
    private int size;

    void reset() {
      size = 0;
      if (bytes.length > KEPT_BYTES_MAX) {
        bytes = new byte[1024];
      }
    }

    void writeInt(byte first, int value) {
      write(first);
      write(value >>> 24);
      write(value >>> 16);
      write(value >>> 8);
      write(value);
    }

    @Override
    public void write(int b) {
      ensure(1);
      bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int from, int length) {
      ensure(length);
      System.arraycopy(source, from, bytes, size, length);
      size += length;
    }

    byte[] toByteArray() {
      return Arrays.copyOf(bytes, size);
    }

    private void ensure(int more) {
      if (bytes.length - size < more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
      }
    }
  }
}
