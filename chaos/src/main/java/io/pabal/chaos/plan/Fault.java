// SPDX-License-Identifier: Apache-2.0
package io.pabal.chaos.plan;

/**
 * One planned fault.
 *
 * @param number the fault's number in its plan, from 1
 * @param atMillis the time of the fault, in milliseconds since the traffic began
 * @param kind the kind of the fault
 * @param part the part that gets the fault
 * @param lastsMillis how long the part is paused, or stays down before it is started again, in
 *     milliseconds; 0 for a flush and a move
 */
public record Fault(int number, long atMillis, FaultKind kind, ProcessKind part, long lastsMillis) {

  @Override
  public String toString() {
    return "#%d at %.1f s: %s %s for %.1f s"
        .formatted(number, atMillis / 1e3, kind.label(), part.label(), lastsMillis / 1e3);
  }
}
