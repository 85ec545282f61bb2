// SPDX-License-Identifier: Apache-2.0
/** The records of every topic, the catalogue of topics, and the serialisers. */
package io.pabal.schemas;
