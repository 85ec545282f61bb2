// SPDX-License-Identifier: Apache-2.0
package io.pabal.router.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pabal.schemas.MalformedRecordException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one row of the location table. Big-endian:
 *
 * <pre>
 *   version (1) | then per connector: id length (2) | id (UTF-8) | incarnation (8) | activation (8)
 * </pre>
 *
 * <p>A row has one entry per connector, so its size is bounded by the number of connectors.
 */
public final class LocationEntries {

  private static final byte VERSION = 1;

  /** The first bytes up to this value are reserved for row versions. Other first bytes are none. */
  private static final byte VERSION_MAX = 15;

  private static final int FIXED_BYTES = Short.BYTES + 2 * Long.BYTES;

  private LocationEntries() {}

  /** The row's bytes; null, which deletes the row, without entries. */
  public static byte @Nullable [] encode(List<LocationEntry> entries) {
    if (entries.isEmpty()) {
      return null;
    }
    List<byte[]> ids = entries.stream().map(entry -> entry.connectorId().getBytes(UTF_8)).toList();
    int size = 1 + ids.stream().mapToInt(id -> FIXED_BYTES + id.length).sum();
    ByteBuffer out = ByteBuffer.allocate(size).put(VERSION);
    for (int i = 0; i < ids.size(); i++) {
      out.putShort((short) ids.get(i).length)
          .put(ids.get(i))
          .putLong(entries.get(i).incarnation())
          .putLong(entries.get(i).activation());
    }
    return out.array();
  }

  /**
   * The entries in a row's bytes; an empty list for null.
   *
   * @param ids decodes the connector ids
   * @throws IllegalStateException when a later version of the router wrote the row
   * @throws MalformedRecordException when the bytes are not a row of any version
   */
  public static List<LocationEntry> decode(byte @Nullable [] row, ConnectorIds ids) {
    if (row == null) {
      return List.of();
    }
    try {
      return decode(row, ByteBuffer.wrap(row), ids);
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new MalformedRecordException("location-table: a row that ends too early", e);
    }
  }

  private static List<LocationEntry> decode(byte[] row, ByteBuffer in, ConnectorIds ids) {
    byte version = in.get();
    if (version < VERSION || version > VERSION_MAX) {
      throw new MalformedRecordException(
          "location-table: a row that is none, it begins with " + version);
    }
    if (version != VERSION) {
      throw new IllegalStateException(
          "location-table: row version "
              + version
              + " (expected: "
              + VERSION
              + "). Start the router with another application id, or go back to the version that"
              + " wrote it.");
    }
    List<LocationEntry> entries = new ArrayList<>(2);
    while (in.hasRemaining()) {
      int length = Short.toUnsignedInt(in.getShort());
      String id = ids.text(row, in.position(), length);
      in.position(in.position() + length);
      entries.add(new LocationEntry(id, in.getLong(), in.getLong()));
    }
    return entries;
  }
}
