// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MqttStringTest {

  @Test
  void shouldForbidExactlyControlCharactersSurrogatesAndNonCharacters() {
    for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
      boolean surrogate = character >= 0xD800 && character <= 0xDFFF;
      boolean forbidden =
          Character.isISOControl(character)
              || surrogate
              || (character >= 0xFDD0 && character <= 0xFDEF)
              || character % 0x1_0000 >= 0xFFFE;
      String text = "a" + Character.toString(character) + "b";

      assertThat(MqttString.isValid(text)).as("U+%04X", character).isEqualTo(!forbidden);
      if (forbidden) {
        assertThat(MqttString.firstForbidden(text)).isEqualTo("U+%04X".formatted(character));
      } else {
        assertThat(MqttString.firstForbidden(text)).isNull();
        assertThat(MqttString.utf8Bytes(text)).isEqualTo(text.getBytes(UTF_8).length);
      }
      if (!surrogate) {
        assertThat(MqttString.isValid(ByteBuffer.wrap(text.getBytes(UTF_8))))
            .as("bytes of U+%04X", character)
            .isEqualTo(!forbidden);
      }
    }
  }

  @Test
  void shouldFindMalformedBytesAsTheJdkDoes() {
    long seed = System.nanoTime();
    System.out.println("MqttStringTest seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[random.nextInt(8)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 0) {
        bytes[0] = (byte) (0xC0 | random.nextInt(0x40));
        for (int i = 1; i < bytes.length; i++) {
          bytes[i] = (byte) (0x80 | random.nextInt(0x40));
        }
      }
      assertThat(MqttString.isUtf8(ByteBuffer.wrap(bytes)))
          .as("seed %d round %d", seed, round)
          .isEqualTo(decodes(bytes));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {65_535, 65_536})
  void shouldBoundTheLength(int bytes) {
    String text = "x".repeat(bytes);

    assertThat(MqttString.isValid(text)).isEqualTo(bytes == MqttString.BYTES_MAX);
    assertThat(MqttString.isValid(ByteBuffer.wrap(text.getBytes(UTF_8))))
        .isEqualTo(bytes == MqttString.BYTES_MAX);
  }

  private static boolean decodes(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
