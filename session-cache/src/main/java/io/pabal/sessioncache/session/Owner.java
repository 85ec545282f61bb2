// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.session;

/**
 * Who holds a session's network connection.
 *
 * @param connectorId the connector's stable id
 * @param incarnation which start of that connector
 */
public record Owner(String connectorId, long incarnation) {}
