// SPDX-License-Identifier: Apache-2.0
/**
 * What a router learns from the brokers: which connectors and topics there are, and where logs end.
 */
@NullMarked
package io.pabal.router.cluster;

import org.jspecify.annotations.NullMarked;
