// SPDX-License-Identifier: Apache-2.0

/** Where a server is: hosts, ports and URIs as operators write them, and as they may be printed. */
@NullMarked
package io.pabal.schemas.address;

import org.jspecify.annotations.NullMarked;
