// SPDX-License-Identifier: Apache-2.0
/** Where the spans of a process go. Only here is OpenTelemetry's SDK known. */
@NullMarked
package io.pabal.command.tracing;

import org.jspecify.annotations.NullMarked;
