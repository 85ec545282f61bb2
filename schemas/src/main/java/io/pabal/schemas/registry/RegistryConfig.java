// SPDX-License-Identifier: Apache-2.0
package io.pabal.schemas.registry;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Which schema registry is used, and how.
 *
 * @param url the root of Confluent's REST API; {@code user:password@} in it is sent as basic
 *     authentication
 * @param autoRegister whether schemas that the registry lacks are registered at the start;
 *     otherwise they have to be there
 * @param serializerClass a {@link org.apache.kafka.common.serialization.Serializer} that encodes
 *     values instead of Pabal's own encoder; null: the own one
 */
public record RegistryConfig(URI url, boolean autoRegister, @Nullable String serializerClass) {

  /** The registry at {@code url}, where missing schemas are registered. */
  public static RegistryConfig at(URI url) {
    return new RegistryConfig(url, true, null);
  }

  /** The URL without a password, for people to read. */
  String shown() {
    String userInfo = url.getRawUserInfo();
    return userInfo == null ? url.toString() : url.toString().replace(userInfo + "@", "***@");
  }
}
