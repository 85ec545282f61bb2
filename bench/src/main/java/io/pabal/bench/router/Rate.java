// SPDX-License-Identifier: Apache-2.0
package io.pabal.bench.router;

/**
 * One round of one application.
 *
 * @param recordsPerSecond that came out of it
 * @param cpuNanosPerRecord of its process, all threads
 * @param brokerCpuNanosPerRecord of the broker meanwhile
 */
record Rate(double recordsPerSecond, double cpuNanosPerRecord, double brokerCpuNanosPerRecord) {}
