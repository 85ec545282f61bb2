// SPDX-License-Identifier: Apache-2.0
/** From PUBLISH to the messages topic: appending without ever blocking an event loop. */
@NullMarked
package io.pabal.connector.ingress;

import org.jspecify.annotations.NullMarked;
