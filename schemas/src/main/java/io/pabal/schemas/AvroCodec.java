// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
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
 * <p>Without a registry the ids are fixed: those of {@link SchemaIds}. Safe for use by many
 * threads; encoder, decoder and buffer are kept per thread.
 */
@NullMarked
public final class AvroCodec<T extends SpecificRecordBase> {

  /** The first byte of every value. */
  public static final byte MAGIC = 0;

  /** Bytes before the Avro encoding: the magic byte and the schema id. */
  public static final int PREFIX_BYTES = 1 + Integer.BYTES;

  static {
    // Avro instantiates only classes that it was told to trust; these are the generated ones.
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getPackageName().equals(AvroCodec.class.getPackageName())));
  }

  private final int schemaId;
  private final String recordName;
  private final SpecificDatumWriter<T> writer;
  private final SpecificDatumReader<T> reader;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  /** A codec for the generated class {@code type}, written under the schema id {@code schemaId}. */
  public AvroCodec(Class<T> type, int schemaId) {
    var schema = SpecificData.get().getSchema(type);
    this.schemaId = schemaId;
    this.recordName = schema.getFullName();
    this.writer = new SpecificDatumWriter<>(schema);
    this.reader = new SpecificDatumReader<>(schema);
  }

  /** The wire-format bytes of {@code value}; a new array that the caller owns. */
  public byte[] encode(T value) {
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

  /**
   * The record in {@code bytes}.
   *
   * @throws MalformedRecordException when the bytes are not this record in the wire format, or have
   *     another schema id
   */
  public T decode(byte @Nullable [] bytes) {
    if (bytes == null) {
      throw new MalformedRecordException(recordName + ": a record without a value");
    }
    if (bytes.length < PREFIX_BYTES || bytes[0] != MAGIC) {
      throw new MalformedRecordException(
          recordName
              + ": not in the Confluent wire format (expected: a zero byte and a schema id first)");
    }
    int id = ByteBuffer.wrap(bytes).getInt(1);
    if (id != schemaId) {
      throw new MalformedRecordException(
          recordName + ": schema id " + id + " (expected: " + schemaId + ")");
    }
    Scratch local = scratch.get();
    local.decoder =
        DecoderFactory.get()
            .binaryDecoder(bytes, PREFIX_BYTES, bytes.length - PREFIX_BYTES, local.decoder);
    try {
      return Objects.requireNonNull(reader.read(null, local.decoder));
    } catch (IOException | RuntimeException e) {
      throw new MalformedRecordException(recordName + ": cannot be decoded: " + e, e);
    }
  }

  private static final class Scratch {
    final GrowingBuffer buffer = new GrowingBuffer();
    @Nullable BinaryEncoder encoder;
    @Nullable BinaryDecoder decoder;
  }

  /** A byte array output stream without locks, which forgets an array that grew large. */
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
