// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

/** A text that stands somewhere for a key. */
record Entry(String text, Place place) {}
