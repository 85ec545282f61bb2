// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.mqtt;

/** The server sent bytes that are not a packet which this client accepts. */
public final class MalformedPacketException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MalformedPacketException(String message) {
    super(message);
  }
}
