// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import io.pabal.schemas.address.ServerUri;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The schema registry that is used, and how it is used.
 *
 * @param url the root of Confluent's REST API; {@code user:password@} in it is sent as basic
 *     authentication
 * @param autoRegister whether schemas that the registry lacks are registered at the start;
 *     otherwise they have to be registered beforehand
 * @param serializerClass a {@link org.apache.kafka.common.serialization.Serializer} that encodes
 *     values instead of Pabal's own encoder; null: Pabal's own encoder
 */
public record RegistryConfig(URI url, boolean autoRegister, @Nullable String serializerClass) {

  /** The registry at {@code url}, where missing schemas are registered. */
  public static RegistryConfig at(URI url) {
    return new RegistryConfig(url, true, null);
  }

  /** The URL without secrets, for logs and error texts. */
  String maskedUrl() {
    return ServerUri.of(url).masked();
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "RegistryConfig[url=%s, autoRegister=%b, serializerClass=%s]"
        .formatted(maskedUrl(), autoRegister, serializerClass);
  }
}
