// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

/**
 * A pipeline whose roles run as they do in production, each in a process of its own that can be
 * killed: two connectors, a router and a timeline writer, with a Kafka and a Redis.
 */
interface DeployedPipeline extends AutoCloseable {

  /** The port on 127.0.0.1 of connector c1 or c2; may be another one after it was started again. */
  int port(int connector);

  /** Ends connector c1 or c2 without giving it a moment for anything. */
  void killConnector(int connector) throws Exception;

  /** Starts a connector that was killed, under the same id, and waits until it takes clients. */
  void startConnector(int connector) throws Exception;

  @Override
  void close();
}
