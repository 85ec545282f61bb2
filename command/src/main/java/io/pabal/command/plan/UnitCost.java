// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/**
 * The costs and capacities of single units, such as one session or one broker. These figures stand
 * only here, each with its source and conditions. Change a figure here when a better one is known.
 */
enum UnitCost {
  SESSIONS_PER_CONNECTOR(
      500_000,
      "sessions",
      Basis.TARGET,
      "half of the 1 M that a connector of 24 GiB is designed for"),
  BYTES_PER_IDLE_SESSION(
      2_044,
      "B",
      Basis.MEASURED,
      "heap of an idle MQTT 5 session over TCP with one subscription; the kernel's share of a socket is not in it"),
  PACKETS_PER_CONNECTOR(
      500_000,
      "packets/s",
      Basis.MEASURED,
      "60 % of 2 cores: 4.5 us for a PUBLISH in and one out, QoS 1, at 94,000 messages/s"),
  ADDRESS_BYTES(24, "B", Basis.ASSUMED, "length of an address such as users/0123456789"),
  WIRE_BYTES_PER_DELIVERY(
      96, "B", Basis.COMPUTED, "MQTT 5 PUBLISH and PUBACK around address and payload, with TCP/IP"),
  KAFKA_BYTES_PER_MESSAGE(
      63,
      "B",
      Basis.MEASURED,
      "beyond payload and address, in messages: segments of 5.2 M messages of 100 B, addresses of 17 B, not compressed, large batches"),
  KAFKA_BYTES_PER_DELIVERY(
      97, "B", Basis.MEASURED, "the same in deliveries.*, with the header of 29 bytes"),
  RECORDS_PER_PARTITION(
      25_000, "records/s", Basis.TARGET, "messages of one partition: one router task, one thread"),
  RECORDS_PER_ROUTER(
      400_000,
      "records/s",
      Basis.MEASURED,
      "60 % of 2 cores: 2.7 us for each record, at 94,000 messages/s"),
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
      180_000,
      "appends/s",
      Basis.MEASURED,
      "60 % of one core: 3.3 us of it for each append of 100 B, checkpoints of 100 sessions included, append-only file everysec"),
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
