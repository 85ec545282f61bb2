// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * The connector that holds the network connection of a session.
 *
 * @param connectorId the connector's stable id
 * @param incarnation the connector's incarnation
 */
public record Owner(String connectorId, long incarnation) {}
