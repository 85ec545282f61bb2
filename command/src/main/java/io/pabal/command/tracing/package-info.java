// SPDX-License-Identifier: Apache-2.0
/** The export of a process's spans. Only this package uses the OpenTelemetry SDK. */
@NullMarked
package io.pabal.command.tracing;

import org.jspecify.annotations.NullMarked;
