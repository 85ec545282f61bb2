// SPDX-License-Identifier: Apache-2.0
package io.pabal.connector.session;

/** The result of one {@link SubscribeRequest}. */
public enum SubscribeOutcome {
  /**
   * The filter's feed is live for the session and, if the session is persistent, stored with it.
   */
  LIVE,
  /**
   * The subscription ended before it could be acknowledged: the client unsubscribed, or the earlier
   * SUBSCRIBE that created the subscription failed.
   */
  WITHDRAWN,
  /** The session already has the maximum number of subscriptions. */
  TOO_MANY,
  /** The router did not answer within the subscribe timeout. */
  NOT_ACTIVATED,
  /** Redis did not store the subscription. */
  NOT_STORED
}
