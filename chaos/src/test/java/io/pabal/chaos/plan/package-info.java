// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.pabal.chaos.plan;

import org.jspecify.annotations.NullMarked;
