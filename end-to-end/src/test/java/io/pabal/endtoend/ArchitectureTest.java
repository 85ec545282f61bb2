// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The arrows between the modules: who may know whom, and who alone knows Redis, MQTT and Kafka
 * Streams. And the one rule of what code does: {@link FatalErrorRule}.
 */
class ArchitectureTest {

  private static final JavaClasses PABAL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("jmh_generated"))
          .importPackages("io.pabal");

  static Stream<ArchRule> rules() {
    return Stream.of(
        only("io.pabal.sessioncache..", "io.lettuce..").because("only session-cache knows Redis"),
        only("io.pabal.connector..", "io.pabal.connector.mqtt..")
            .because("only the connector speaks MQTT to clients"),
        noClasses()
            .that()
            .resideOutsideOfPackages("io.pabal.connector..", "io.pabal.bench.client.local..")
            .and()
            .resideInAPackage("io.pabal..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.handler.codec.mqtt..")
            .because(
                "only the connector speaks MQTT with it, and what measures its memory; the clients"
                    + " in bench have a codec of their own"),
        only("io.pabal.router..", "org.apache.kafka.streams..")
            .because("only the router knows Kafka Streams"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.schemas..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.pabal.sessioncache..",
                "io.pabal.router..",
                "io.pabal.connector..",
                "io.pabal.command..")
            .because("the schemas are what all others rest on"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.telemetry..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.pabal..").and(resideOutsideOfPackage("io.pabal.telemetry..")))
            .because("every role measures itself with it"),
        only("io.pabal.command..", "io.micrometer.prometheusmetrics..", "io.prometheus..")
            .because("only the command knows who reads the figures"),
        only("io.pabal.command.tracing..", "io.opentelemetry.sdk..", "io.opentelemetry.exporter..")
            .because("the connector knows OpenTelemetry's API, the command where spans go"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.router..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.pabal.sessioncache..", "io.pabal.connector..")
            .because("the router knows topics and nothing else"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.recovery..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.pabal.router..", "io.pabal.connector..", "io.pabal.command..")
            .because("what was lost is brought back from topics to Redis, whoever else runs"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.chaos..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.pabal.sessioncache..", "io.pabal.router..", "io.pabal.connector..")
            .because("the chaos run sees the pipeline as processes, clients and topics only"),
        noClasses()
            .that()
            .resideOutsideOfPackages("io.pabal.chaos..", "io.pabal.command..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.pabal.chaos..")
            .because("only the command starts the chaos run"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.chaos.judge..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.pabal.chaos.client..", "io.pabal.chaos.process..")
            .because("the judge knows nothing but the history"),
        slices()
            .matching("io.pabal.connector.(*)..")
            .should()
            .beFreeOfCycles()
            .because("the connector's packages build on each other in one direction"),
        slices()
            .matching("io.pabal.router.(**)")
            .should()
            .beFreeOfCycles()
            .because("the router's packages build on each other in one direction"),
        noClasses()
            .that()
            .resideInAPackage("io.pabal.router.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.pabal.router")
            .because("the router's parts do not know the router"),
        FatalErrorRule.RULE);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void shouldHold(ArchRule rule) {
    rule.check(PABAL);
  }

  private static ArchRule only(String mayKnow, String... known) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(mayKnow, "io.pabal.command..")
        .and()
        .resideInAPackage("io.pabal..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(known);
  }
}
