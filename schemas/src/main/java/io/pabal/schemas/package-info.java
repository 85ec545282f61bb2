// SPDX-License-Identifier: Apache-2.0
/**
 * The records of every topic, the catalogue of topics, and the serialisers: what all roles share.
 */
@NullMarked
package io.pabal.schemas;

import org.jspecify.annotations.NullMarked;
