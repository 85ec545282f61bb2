// SPDX-License-Identifier: Apache-2.0
/**
 * Decides which CONNECTs are admitted, and how many at a time, so that live sessions do not suffer
 * from sessions that resume.
 */
@NullMarked
package io.pabal.connector.admission;

import org.jspecify.annotations.NullMarked;
