// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.pabal.chaos.process;

import org.jspecify.annotations.NullMarked;
