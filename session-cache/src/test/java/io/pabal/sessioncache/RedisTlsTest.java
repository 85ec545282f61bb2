// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pabal.embedded.EmbeddedRedis;
import io.pabal.embedded.FreePort;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis with TLS, a certificate that no known authority signed, and a user of its own. */
class RedisTlsTest {

  private static final char[] STORE_PASSWORD = "changeit".toCharArray();

  @TempDir static Path directory;
  private static EmbeddedRedis redis;
  private static int tlsPort;

  @BeforeAll
  static void start() throws Exception {
    makeCertificate();
    tlsPort = FreePort.find();
    redis =
        EmbeddedRedis.start(
            directory.resolve("redis"),
            0,
            List.of(
                "tls-port " + tlsPort,
                "tls-cert-file " + directory.resolve("redis.crt"),
                "tls-key-file " + directory.resolve("redis.key"),
                "tls-ca-cert-file " + directory.resolve("redis.crt"),
                "tls-auth-clients no",
                "user pabal on >p@ss/word ~* &* +@all"));
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void shouldTrustTheCertificatesOfTheFile() {
    URI uri = uri("?caFile=" + encoded(directory.resolve("redis.crt").toString()));

    try (SessionCache cache = SessionCache.connect(SessionCacheConfig.of(uri), 12)) {
      cache.startProbing(50);
      await().untilAsserted(() -> assertThat(cache.problem()).isEmpty());
    }
  }

  @Test
  void shouldNotTrustTheServerWithoutTheFile() {
    assertThatThrownBy(() -> SessionCache.connect(SessionCacheConfig.of(uri("")), 12).close())
        .hasStackTraceContaining("unable to find valid certification path");
  }

  private static URI uri(String query) {
    return URI.create(
        "rediss://pabal:%s@127.0.0.1:%d%s".formatted(encoded("p@ss/word"), tlsPort, query));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** A certificate that signs itself, and its key, as PEM. */
  private static void makeCertificate() throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "redis",
                "-keyalg",
                "EC",
                "-dname",
                "CN=redis",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "3650",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(STORE_PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, STORE_PASSWORD);
    }
    Key key = keys.getKey("redis", STORE_PASSWORD);
    writePem("redis.key", "PRIVATE KEY", key.getEncoded());
    writePem("redis.crt", "CERTIFICATE", keys.getCertificate("redis").getEncoded());
  }

  private static void writePem(String file, String kind, byte[] encoded) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    Files.writeString(
        directory.resolve(file),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, text));
  }
}
