// SPDX-License-Identifier: Apache-2.0

/** Which fault hits which part when: a pure function of the seed. */
@NullMarked
package io.pabal.chaos.plan;

import org.jspecify.annotations.NullMarked;
