// SPDX-License-Identifier: Apache-2.0
package io.pabal.endtoend;

import com.github.dockerjava.api.model.Capability;
import io.pabal.connector.fixture.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/**
 * Everything in containers: Pabal's image, and the Kafka, Redis and schema registry of {@code
 * docker-compose.yml}. The roles run as Kubernetes runs them, with a root file system that is
 * read-only.
 */
final class ContainerPipeline implements DeployedPipeline {

  private static final int MQTT_PORT = 1883;
  private static final int REGISTRY_PORT = 8080;
  private static final String REGISTRY_API = "/apis/ccompat/v7";
  private static final Map<String, String> TEMPORARY = Map.of("/tmp", "rw,exec");

  private final Network network = Network.newNetwork();
  private final String image;
  private final KafkaContainer kafka;
  private final GenericContainer<?> redis;
  private final GenericContainer<?> registry;
  private final GenericContainer<?> router;
  private final GenericContainer<?> timeline;
  private final List<GenericContainer<?>> connectors;

  private ContainerPipeline(String image) {
    this.image = image;
    kafka =
        new KafkaContainer(DockerImageName.parse("apache/kafka:4.3.1"))
            .withNetwork(network)
            .withListener("kafka:19092")
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .withEnv("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "2000")
            .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
    redis =
        new GenericContainer<>(DockerImageName.parse("redis:7.4"))
            .withNetwork(network)
            .withNetworkAliases("redis")
            .withCommand("redis-server", "--maxmemory-policy", "noeviction")
            .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1));
    registry =
        new GenericContainer<>(DockerImageName.parse("apicurio/apicurio-registry:3.3.3"))
            .withNetwork(network)
            .withNetworkAliases("registry")
            .withExposedPorts(REGISTRY_PORT)
            .waitingFor(Wait.forHttp(REGISTRY_API + "/subjects").forPort(REGISTRY_PORT));
    router = role("router").withTmpFs(Map.of("/tmp", "rw,exec", "/var/lib/pabal", "rw,mode=1777"));
    timeline = role("timeline");
    connectors = List.of(connector("c1"), connector("c2"));
  }

  static ContainerPipeline start(String image) {
    ContainerPipeline pipeline = new ContainerPipeline(image);
    try {
      Startables.deepStart(pipeline.kafka, pipeline.redis, pipeline.registry).join();
      Startables.deepStart(
              Stream.concat(
                  Stream.of(pipeline.router, pipeline.timeline), pipeline.connectors.stream()))
          .join();
      return pipeline;
    } catch (Throwable e) {
      pipeline.close();
      throw e;
    }
  }

  @Override
  public int port(int connector) {
    return connectors.get(connector - 1).getMappedPort(MQTT_PORT);
  }

  @Override
  public void killConnector(int connector) {
    GenericContainer<?> container = connectors.get(connector - 1);
    container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void startConnector(int connector) {
    GenericContainer<?> container = connectors.get(connector - 1);
    container.stop();
    container.start();
  }

  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>(connectors);
    all.addAll(List.of(router, timeline, registry, redis, kafka, network));
    for (AutoCloseable each : all) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IllegalStateException("not closed: " + each, e);
      }
    }
  }

  private GenericContainer<?> connector(String id) {
    return role("connector")
        .withExposedPorts(MQTT_PORT)
        .withEnv("PABAL_CONNECTOR_ID", id)
        .withEnv("PABAL_LISTENER_HOST", "0.0.0.0")
        .withEnv("PABAL_LISTENER_ANONYMOUS", "true");
  }

  private GenericContainer<?> role(String role) {
    return new GenericContainer<>(DockerImageName.parse(image))
        .withNetwork(network)
        .withCommand(role)
        .withEnv("PABAL_KAFKA_BOOTSTRAP_SERVERS", "kafka:19092")
        .withEnv("PABAL_REDIS_URI", "redis://redis:6379")
        .withEnv(
            "PABAL_SCHEMA_REGISTRY_URL",
            "http://registry:%d%s".formatted(REGISTRY_PORT, REGISTRY_API))
        .withEnv("JDK_JAVA_OPTIONS", "-Xmx256m")
        .withTmpFs(TEMPORARY)
        .withCreateContainerCmdModifier(
            command -> command.getHostConfig().withReadonlyRootfs(true).withCapDrop(Capability.ALL))
        .waitingFor(
            Wait.forLogMessage("Pabal " + role + " is ready\\n", 1)
                .withStartupTimeout(Patience.MAX));
  }
}
