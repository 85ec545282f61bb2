// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

/** A text that stands somewhere for a key. */
public record Entry(String text, Place place) {}
