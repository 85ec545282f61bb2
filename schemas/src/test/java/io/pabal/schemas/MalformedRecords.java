// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Makes records that no part of Pabal writes, for tests of what reads a topic: damaged variants of
 * a well-formed record, in its key, value, headers and timestamp, alone and mixed.
 *
 * <p>Random, by the seed {@code -Dpabal.test.seed}, which is printed. Every damage of each part
 * occurs in the first {@link #KINDS} records.
 */
@NullMarked
public final class MalformedRecords {

  /** So many records hold every kind of damage at least once. */
  public static final int KINDS = 40;

  private static final long SEED = Long.getLong("pabal.test.seed", System.nanoTime());
  private static final String TRACEPARENT = "traceparent";

  private final Random random = new Random(SEED);
  private final String topic;
  private final byte[] key;
  private final byte @Nullable [] value;
  private final byte[] header;

  /**
   * Damaged variants of one record.
   *
   * @param key of the well-formed record
   * @param value of the well-formed record; null where it has none
   * @param header the bytes of the header {@code pabal} that is damaged, or added where none may be
   */
  public MalformedRecords(
      String topic, String key, byte @Nullable [] value, DeliveryHeader header) {
    this.topic = topic;
    this.key = key.getBytes(StandardCharsets.UTF_8);
    this.value = value;
    this.header = header.toBytes();
    System.out.println("malformed records of " + topic + ": -Dpabal.test.seed=" + SEED);
  }

  /**
   * The next records, for one partition.
   *
   * @param count {@link #KINDS} or more, for every kind to occur
   */
  public List<ProducerRecord<byte[], byte[]>> next(int count, int partition) {
    List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
    for (byte[] each : keys()) {
      all.add(record(partition, each, value, new RecordHeaders()));
    }
    for (byte[] each : values()) {
      all.add(record(partition, key, each, new RecordHeaders()));
      all.add(record(partition, key, each, named(DeliveryHeader.NAME, header)));
    }
    for (Headers each : headers()) {
      all.add(record(partition, key, value, each));
    }
    while (all.size() < count) {
      all.add(record(partition, any(keys()), any(values()), any(headers())));
    }
    Collections.shuffle(all, random);
    return all;
  }

  /** A record as a consumer gets it; a timestamp may be one that Kafka has no time for. */
  public static ConsumerRecord<byte[], byte @Nullable []> consumed(
      ProducerRecord<byte[], byte[]> record, int partition, long offset) {
    return new ConsumerRecord<>(
        record.topic(),
        partition,
        offset,
        record.timestamp() == 0 ? ConsumerRecord.NO_TIMESTAMP : record.timestamp(),
        TimestampType.CREATE_TIME,
        ConsumerRecord.NULL_SIZE,
        ConsumerRecord.NULL_SIZE,
        record.key(),
        record.value(),
        record.headers(),
        Optional.empty());
  }

  private List<byte[]> keys() {
    byte[] long70k = new byte[70_000];
    Arrays.fill(long70k, (byte) 'a');
    return Arrays.asList(
        null, new byte[0], garbage(1 + random.nextInt(40)), new byte[] {(byte) 0xC3}, long70k);
  }

  private List<byte[]> values() {
    List<byte[]> all = new ArrayList<>();
    all.add(null);
    all.add(new byte[0]);
    all.add(new byte[] {0});
    all.add(garbage(1 + random.nextInt(60)));
    for (RecordType type : RecordType.values()) {
      int id = SchemaIds.fixed(SchemaFiles.current(type));
      all.add(withId(id, new byte[0]));
      all.add(withId(id, garbage(random.nextInt(60))));
      all.add(withId(id, twoGigabytes()));
      all.add(withId(id, twoBillionElements()));
      all.add(withId(id, negativeLengths()));
    }
    all.add(withId(random.nextInt(), garbage(random.nextInt(60))));
    byte[] good = value;
    if (good != null && good.length > AvroCodec.PREFIX_BYTES) {
      all.add(Arrays.copyOf(good, random.nextInt(good.length)));
      all.add(Arrays.copyOf(good, good.length - 1));
      byte[] foreign = good.clone();
      ByteBuffer.wrap(foreign).putInt(1, 7);
      all.add(foreign);
    }
    return all;
  }

  private List<Headers> headers() {
    List<Headers> all = new ArrayList<>();
    all.add(named(DeliveryHeader.NAME, null));
    all.add(named(DeliveryHeader.NAME, new byte[0]));
    all.add(named(DeliveryHeader.NAME, Arrays.copyOf(header, random.nextInt(header.length))));
    all.add(named(DeliveryHeader.NAME, garbage(header.length)));
    for (byte kind : "maekdr".getBytes(StandardCharsets.US_ASCII)) {
      all.add(named(DeliveryHeader.NAME, new byte[] {kind}));
      byte[] negative = new byte[29];
      Arrays.fill(negative, (byte) -1);
      negative[0] = kind;
      all.add(named(DeliveryHeader.NAME, negative));
    }
    all.add(named(DeliveryHeader.NAME, header).add(DeliveryHeader.NAME, null));
    all.add(named(DeliveryHeader.NAME, null).add(DeliveryHeader.NAME, garbage(9)));
    all.add(named(TRACEPARENT, null));
    all.add(named(TRACEPARENT, garbage(55)).add("", null));
    return all;
  }

  /** A string or bytes that claims to be as long as an array may be. */
  private static byte[] twoGigabytes() {
    return new byte[] {(byte) 0xEE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F};
  }

  /** A few fields without a value, then a block that claims to have as many elements. */
  private byte[] twoBillionElements() {
    int zeros = random.nextInt(14);
    return ByteBuffer.allocate(zeros + 5).put(new byte[zeros]).put(twoGigabytes()).array();
  }

  /** Strings of -1 bytes: a reader that does not look would find each in front of its length. */
  private static byte[] negativeLengths() {
    return new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  }

  private static byte[] withId(int id, byte[] rest) {
    return ByteBuffer.allocate(AvroCodec.PREFIX_BYTES + rest.length)
        .put(AvroCodec.MAGIC)
        .putInt(id)
        .put(rest)
        .array();
  }

  private byte[] garbage(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Headers named(String name, byte @Nullable [] bytes) {
    return new RecordHeaders().add(name, bytes);
  }

  private ProducerRecord<byte[], byte[]> record(
      int partition, byte @Nullable [] withKey, byte @Nullable [] withValue, Headers headers) {
    long timestamp =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> Long.MAX_VALUE / 2;
          default -> System.currentTimeMillis();
        };
    return new ProducerRecord<>(topic, partition, timestamp, withKey, withValue, headers);
  }

  private <T> T any(List<T> some) {
    return some.get(random.nextInt(some.size()));
  }
}
