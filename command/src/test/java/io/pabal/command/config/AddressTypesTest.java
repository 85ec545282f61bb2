// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pabal.command.config.setting.ConfigException;
import io.pabal.command.config.setting.Key;
import io.pabal.command.config.setting.Settings;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keys that hold addresses take, and what they are then. */
class AddressTypesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kafka.bootstrapServers | a_b:9092, c-d.example:9093 ,[::1]:9094 | a_b:9092,c-d.example:9093,[::1]:9094
          redis.uri              | redis://my_redis                       | redis://my_redis
          redis.uri              | rediss://me:p%25@my_redis:6380/2       | rediss://***@my_redis:6380/2
          redis.uri              | redis://[::1]:6379                     | redis://[::1]:6379
          redis.uri              | REDIS://127.0.0.1:1                    | redis://127.0.0.1:1
          redis.uri              | redis-cluster://a_b:1,[::1]:2,c        | redis-cluster://a_b:1,[::1]:2,c
          redis.uri              | Rediss-Cluster://me:p%2C%40@a,b:2/0    | rediss-cluster://***@a,b:2/0
          redis.uri              | redis-sentinel://a,b_c:2/3#my_primary  | redis-sentinel://a,b_c:2/3#my_primary
          redis.uri              | rediss-sentinel://me:p@a/#p?           | rediss-sentinel://***@a/#p?
          redis.uri              | redis-sentinel://a?sentinelPassword=s#p | redis-sentinel://a?***#p
          schema.registry.url    | http://schema_registry:8081/           | http://schema_registry:8081/
          schema.registry.url    | https://me:pw@[2001:db8::1]/api        | https://***@[2001:db8::1]/api
          tracing.endpoint       | http://[::1]:4318/v1/traces            | http://[::1]:4318/v1/traces
          listener.host          | ::1                                    | ::1
          listener.host          | [::1]                                  | ::1
          http.host              | ::                                     | ::
          drain.serverReference  | a_b:1883  [::1]:1884 c                 | a_b:1883 [::1]:1884 c
          """)
  void shouldTake(String key, String text, String printed) {
    Map<String, String> environment = environment(key, text);
    environment.put("PABAL_LISTENER_ANONYMOUS", "true");
    Settings settings = ConfigReader.read(Role.CONNECTOR, null, environment);

    assertThat(settings.print(find(key))).isEqualTo(printed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kafka.bootstrapServers | kafka                    | entry 1: no port
          kafka.bootstrapServers | a:1,                     | entry 2: no port
          kafka.bootstrapServers | a:1, b:70000             | entry 2: a port that is not 1-65535
          kafka.bootstrapServers | a:0                      | entry 1: a port that is not 1-65535
          kafka.bootstrapServers | ::1:9092                 | entry 1: an address of IPv6 without brackets, or several ports
          kafka.bootstrapServers | a:1 b:1                  | entry 1: an address of IPv6 without brackets, or several ports
          redis.uri              | http://r:6379            | another scheme
          redis.uri              | redis://                 | no host
          redis.uri              | redis://r:70000          | a port that is not 1-65535
          redis.uri              | redis://r:0              | a port that is not 1-65535
          redis.uri              | redis://my_redis:70000   | a port that is not 1-65535
          redis.uri              | redis://:pw%@r           | a character in place 12 that a URI cannot have there, percent-encode it
          redis.uri              | redis://:p#w@r           | a # or @ behind the host, percent-encode / ? # @ of a password
          redis.uri              | redis://r/zero           | a path that is no number of a database
          redis.uri              | redis://a:1,b:2          | a host that is neither a name nor an address
          redis.uri              | redis-cluster://a:1,     | no host
          redis.uri              | redis-cluster://a:1,b:0  | a port that is not 1-65535
          redis.uri              | redis-cluster://a/1      | a database, of which a Redis Cluster has only number 0
          redis.uri              | redis-cluster://:p#w@a   | a # or @ behind the host, percent-encode / ? # @ of a password
          redis.uri              | redis-sentinel://a:1/0   | no #NAME of the primary that the sentinels watch
          redis.uri              | redis-sentinel://:p#w@a  | no #NAME of the primary that the sentinels watch
          schema.registry.url    | http://r:70000/          | a port that is not 1-65535
          schema.registry.url    | https://my_registry/     | a host with an underscore, which no certificate can be for
          tracing.endpoint       | http://my_collector:1/   | a host with an underscore, which the exporter does not take
          listener.host          | a b                      | a host that is neither a name nor an address
          http.host              | [1:2]                    | a host that is neither a name nor an address
          drain.serverReference  | ::1                      | entry 1: an address of IPv6 without brackets, or several ports
          drain.serverReference  | a b c d e f g h i j k    | more than 10 entries
          """)
  void shouldSayWhatIsWrongButNotTheText(String key, String text, String why) {
    assertThatThrownBy(() -> ConfigReader.read(Role.CONNECTOR, null, environment(key, text)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key + ": ***, " + why + " (expected: ");
  }

  private static Map<String, String> environment(String key, String text) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("PABAL_CONNECTOR_ID", "c1");
    environment.put("PABAL_KAFKA_BOOTSTRAP_SERVERS", "k:9092");
    environment.put("PABAL_REDIS_URI", "redis://r");
    environment.put(find(key).environmentVariable(), text);
    return environment;
  }

  private static Key<?> find(String name) {
    return Role.CONNECTOR.keys().stream()
        .filter(key -> key.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
