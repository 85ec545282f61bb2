// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/** What became of one {@link SubscribeRequest}. */
public enum SubscribeOutcome {
  /** The address is live for the session and, if the session is persistent, stored with it. */
  LIVE,
  /**
   * The subscription ended before it could be acknowledged: the client unsubscribed, or an earlier
   * SUBSCRIBE that it came from failed.
   */
  WITHDRAWN,
  /** The session has as many subscriptions as it may have. */
  TOO_MANY,
  /** The router did not answer in time. */
  NOT_ACTIVATED,
  /** Redis did not take the subscription. */
  NOT_STORED
}
