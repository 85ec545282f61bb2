// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** Code that catches every {@link Throwable} ends the process when the heap is exhausted. */
final class FatalErrorRule {

  /** Methods that check whether the process must end, or pass the failure to one that does. */
  private static final Set<String> ASKS =
      Set.of("FatalError.endProcessIf", "LoopContext.caught", "failed", "fail");

  /** Code that releases its resources and throws the failure on. */
  private static final Set<String> THROW_ON =
      Set.of(
          "io.pabal.connector.ingress.Ingress.<init>",
          "io.pabal.connector.mqtt.MqttConnection.publish",
          "io.pabal.router.Router.<init>",
          "io.pabal.router.Router.start",
          "io.pabal.sessioncache.timeline.TimelineWriter.start",
          "io.pabal.command.output.Terminal");

  static final ArchRule RULE =
      codeUnits()
          .that()
          .areDeclaredInClassesThat()
          .resideInAnyPackage(
              "io.pabal.connector..",
              "io.pabal.router..",
              "io.pabal.sessioncache..",
              "io.pabal.command..")
          .and(catchEverything())
          .should(ask())
          .because("what catches every Throwable ends the process when the heap is exhausted");

  private FatalErrorRule() {}

  private static DescribedPredicate<JavaCodeUnit> catchEverything() {
    return new DescribedPredicate<>("catch every Throwable") {
      @Override
      public boolean test(JavaCodeUnit unit) {
        return unit.getTryCatchBlocks().stream()
            .flatMap(block -> block.getCaughtThrowables().stream())
            .anyMatch(caught -> caught.isEquivalentTo(Throwable.class));
      }
    };
  }

  private static ArchCondition<JavaCodeUnit> ask() {
    return new ArchCondition<>("ask whether the process must end") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        boolean asks =
            unit.getMethodCallsFromSelf().stream()
                .anyMatch(
                    call ->
                        ASKS.contains(call.getName())
                            || ASKS.contains(
                                call.getTargetOwner().getSimpleName() + "." + call.getName())
                            // try with resources
                            || call.getName().equals("addSuppressed"));
        boolean throwsOn = THROW_ON.stream().anyMatch(unit.getFullName()::startsWith);
        events.add(
            new SimpleConditionEvent(
                unit, asks || throwsOn, unit.getFullName() + (asks ? " asks" : " does not ask")));
      }
    };
  }
}
