// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.pabal.chaos.judge;

import org.jspecify.annotations.NullMarked;
