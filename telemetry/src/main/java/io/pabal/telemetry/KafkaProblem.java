// SPDX-License-Identifier: Apache-2.0
package io.pabal.telemetry;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.NotEnoughReplicasAfterAppendException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Why Kafka does not serve Pabal, in the words of an operator: what it said, and what to do. */
public final class KafkaProblem {

  private static final Map<Class<? extends Throwable>, String> ADVICE =
      Map.of(
          AuthorizationException.class,
          "Give this user the right (kafka-acls).",
          AuthenticationException.class,
          "Correct user name, password or certificate.",
          NotEnoughReplicasException.class,
          "Start the brokers that are missing (min.insync.replicas).",
          NotEnoughReplicasAfterAppendException.class,
          "Start the brokers that are missing (min.insync.replicas).",
          InvalidReplicationFactorException.class,
          "Start more brokers, or lower topics.replicationFactor.",
          PolicyViolationException.class,
          "Let the brokers' policy allow it.",
          UnsupportedVersionException.class,
          "Use a broker of a newer version.",
          UnknownTopicOrPartitionException.class,
          "Start the role that creates it.",
          TimeoutException.class,
          "See whether the brokers run and can be reached.",
          ConfigException.class,
          "Correct kafka.bootstrapServers.");

  private KafkaProblem() {}

  /** Whether {@code failure}, or what it was caused by, came from a client of Kafka. */
  public static boolean isIn(Throwable failure) {
    return find(failure).isPresent();
  }

  /** What {@code failure} means, and what to do where that is known: one line. */
  public static String describe(Throwable failure) {
    Throwable cause = find(failure).<Throwable>map(found -> found).orElse(failure);
    // A client that cannot be made says so, and why in its cause.
    while (cause.getCause() instanceof KafkaException deeper) {
      cause = deeper;
    }
    String message = cause.getMessage();
    String said =
        message == null || message.isBlank()
            ? withoutMessage(cause)
            : message.lines().findFirst().orElse(message).strip();
    Optional<String> advice = advice(cause);
    if (advice.isEmpty()) {
      return said;
    }
    return (said.endsWith(".") ? said : said + ".") + " " + advice.get();
  }

  /** A future that was waited for in vain says nothing. */
  private static String withoutMessage(Throwable cause) {
    return cause instanceof java.util.concurrent.TimeoutException
        ? "no answer in time"
        : cause.getClass().getSimpleName();
  }

  private static Optional<String> advice(Throwable cause) {
    return ADVICE.entrySet().stream()
        .filter(each -> each.getKey().isInstance(cause))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Optional<KafkaException> find(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KafkaException found) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }
}
