// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/**
 * What one of something costs: the only place that has these figures, each with where it comes from
 * and under which conditions. Change them here when better ones are known.
 */
enum UnitCost {
  SESSIONS_PER_CONNECTOR(
      500_000,
      "sessions",
      Basis.TARGET,
      "half of the 1 M that a connector of 24 GiB is designed for"),
  BYTES_PER_IDLE_SESSION(2_048, "B", Basis.TARGET, "live memory of an idle session in a connector"),
  PACKETS_PER_CONNECTOR(
      150_000, "packets/s", Basis.TARGET, "PUBLISH packets, in and out, by a connector of 2 cores"),
  ADDRESS_BYTES(24, "B", Basis.ASSUMED, "length of an address such as users/0123456789"),
  WIRE_BYTES_PER_DELIVERY(
      96, "B", Basis.COMPUTED, "MQTT 5 PUBLISH and PUBACK around address and payload, with TCP/IP"),
  KAFKA_BYTES_PER_MESSAGE(
      60,
      "B",
      Basis.ASSUMED,
      "beyond payload and address, in messages: Avro about 45, the record and its share of a batch; not yet measured"),
  KAFKA_BYTES_PER_DELIVERY(
      100,
      "B",
      Basis.ASSUMED,
      "the same in deliveries.*, with the header of 29 bytes; not yet measured"),
  RECORDS_PER_PARTITION(
      25_000, "records/s", Basis.TARGET, "messages of one partition: one router task, one thread"),
  RECORDS_PER_ROUTER(100_000, "records/s", Basis.TARGET, "records written by a router of 2 cores"),
  BROKER_NETWORK_BYTES(600_000_000, "B/s", Basis.ASSUMED, "half of 10 Gbit/s, in each direction"),
  BROKER_WRITE_BYTES(200_000_000, "B/s", Basis.ASSUMED, "sustained writing to a broker's disks"),
  BROKER_DISK_BYTES(8e12, "B", Basis.ASSUMED, "usable disk of a broker"),
  REDIS_BYTES_PER_SESSION(
      205,
      "B",
      Basis.MEASURED,
      "used_memory of 200,000 sessions without subscriptions, client identifiers of 15 bytes, Redis 6.2"),
  REDIS_BYTES_PER_SUBSCRIPTION(
      48, "B", Basis.MEASURED, "the same with three subscriptions each, addresses of 24 bytes"),
  REDIS_BYTES_PER_TIMELINE(
      4_300,
      "B",
      Basis.MEASURED,
      "used_memory of 20,000 timelines: what a stream takes for its first message, room for more included"),
  REDIS_BYTES_PER_MESSAGE(
      60,
      "B",
      Basis.COMPUTED,
      "one more message of a timeline, beyond payload and address: a stream entry's 16 and Avro's 44"),
  REDIS_APPENDS_PER_SECOND(
      80_000,
      "appends/s",
      Basis.MEASURED,
      "60 % of one core: 7.6 us of it for each append of 256 bytes in batches of 500, append-only file everysec, a busy machine"),
  REDIS_CHECKPOINTS_PER_SECOND(
      54_000,
      "checkpoints/s",
      Basis.MEASURED,
      "60 % of one core: 11.2 us of it for each checkpoint of one cursor, append-only file everysec, a busy machine"),
  REDIS_MEMORY_BYTES(
      64e9, "B", Basis.ASSUMED, "memory of one primary, so that a fork and a resync stay bearable");

  private final double value;
  private final String unit;
  private final Basis basis;
  private final String source;

  UnitCost(double value, String unit, Basis basis, String source) {
    this.value = value;
    this.unit = unit;
    this.basis = basis;
    this.source = source;
  }

  double value() {
    return value;
  }

  String unit() {
    return unit;
  }

  Basis basis() {
    return basis;
  }

  String source() {
    return source;
  }
}
