// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/**
 * One step of the reckoning.
 *
 * @param part what it is about: connectors, kafka, ...
 * @param what what comes out
 * @param value the result
 * @param unit of the result
 * @param working how it was reckoned, with the numbers put in
 * @param basis the weakest of the figures that it rests on
 */
record PlanLine(String part, String what, double value, String unit, String working, Basis basis) {}
