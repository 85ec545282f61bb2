// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.plan;

/**
 * One step of the computation of a {@link Plan}.
 *
 * @param part the part of the cluster: connectors, kafka or redis
 * @param what the name of the result
 * @param value the result
 * @param unit of the result
 * @param working the formula of the result, with the numbers put in
 * @param basis the basis of the weakest figure that the result rests on
 */
record PlanLine(String part, String what, double value, String unit, String working, Basis basis) {}
