// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.load;

/** The server does not let the first client in; the message says why. */
public final class ServerUnreachableException extends Exception {

  private static final long serialVersionUID = 1L;

  ServerUnreachableException(String message) {
    super(message);
  }
}
