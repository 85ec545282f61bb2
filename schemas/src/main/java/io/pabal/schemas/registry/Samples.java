// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import io.pabal.schemas.ConnectorState;
import io.pabal.schemas.ConnectorStatus;
import io.pabal.schemas.Location;
import io.pabal.schemas.Message;
import io.pabal.schemas.RecordType;
import io.pabal.schemas.SessionEvent;
import io.pabal.schemas.SessionEventKind;
import io.pabal.schemas.Unrouted;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecordBase;

/** One value of each record type, to try a serialiser with. */
final class Samples {

  private Samples() {}

  static SpecificRecordBase of(RecordType type) {
    return switch (type) {
      case MESSAGE ->
          Message.newBuilder()
              .setAddress("sample")
              .setPublishedAt(Instant.EPOCH)
              .setPayload(ByteBuffer.allocate(0))
              .build();
      case LOCATION ->
          Location.newBuilder()
              .setConnectorId("sample")
              .setIncarnation(1)
              .setActivation(1)
              .setPresent(true)
              .build();
      case CONNECTOR_STATE ->
          ConnectorState.newBuilder()
              .setIncarnation(1)
              .setStatus(ConnectorStatus.UP)
              .setSince(Instant.EPOCH)
              .build();
      case SESSION_EVENT ->
          SessionEvent.newBuilder()
              .setKind(SessionEventKind.OTHER)
              .setAt(Instant.EPOCH)
              .setClientId("sample")
              .setEpoch(1)
              .setConnectorId("sample")
              .setIncarnation(1)
              .build();
      case UNROUTED ->
          Unrouted.newBuilder().setPartition(0).setOffset(0).setAppendedAt(Instant.EPOCH).build();
    };
  }
}
