// SPDX-License-Identifier: Apache-2.0
/**
 * Who is let in, and how many at a time: sessions that live are not to suffer from those that come
 * back.
 */
@NullMarked
package io.pabal.connector.admission;

import org.jspecify.annotations.NullMarked;
