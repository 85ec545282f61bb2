// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.pabal.schemas.DeliveryHeader.Routed;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in a value or header, a decoder says that it is malformed, and nothing else. */
class MalformedValueTest {

  private static final MalformedRecords RECORDS =
      new MalformedRecords("any", "key", null, new Routed(1, 2, 3, 4));

  static List<AvroCodec<? extends SpecificRecordBase>> codecs() {
    return List.of(
        Codecs.MESSAGE,
        Codecs.LOCATION,
        Codecs.CONNECTOR_STATE,
        Codecs.SESSION_EVENT,
        Codecs.UNROUTED);
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void shouldRefuseOrDecodeAnyValue(AvroCodec<? extends SpecificRecordBase> codec) {
    int refused = 0;
    for (int round = 0; round < 30; round++) {
      for (var record : RECORDS.next(MalformedRecords.KINDS, 0)) {
        try {
          codec.decode(record.value());
        } catch (MalformedRecordException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void shouldRefuseOrViewAnyMessage() {
    int refused = 0;
    for (int round = 0; round < 30; round++) {
      for (var record : RECORDS.next(MalformedRecords.KINDS, 0)) {
        try {
          readAll(MessageView.of(Codecs.MESSAGE, record.value()));
        } catch (MalformedRecordException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void shouldRefuseOrParseAnyHeader() {
    int refused = 0;
    for (int round = 0; round < 30; round++) {
      for (var record : RECORDS.next(MalformedRecords.KINDS, 0)) {
        try {
          DeliveryHeader.of(record.headers());
        } catch (MalformedRecordException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  private static void readAll(MessageView message) {
    message.clientId();
    message.payload();
    message.contentType();
    message.responseTopic();
    message.correlationData();
    message.userProperties();
  }
}
