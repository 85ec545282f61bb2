// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.config.setting;

import java.util.regex.Pattern;

/**
 * The variables that Kubernetes adds to a pod for each Service of its namespace, when the pod has
 * {@code enableServiceLinks}, and that Docker adds for a link. A Service {@code pabal-mqtt} gives
 *
 * <pre>
 *   PABAL_MQTT_SERVICE_HOST=10.0.0.7        PABAL_MQTT_PORT_1883_TCP=tcp://10.0.0.7:1883
 *   PABAL_MQTT_SERVICE_PORT=1883            PABAL_MQTT_PORT_1883_TCP_PROTO=tcp
 *   PABAL_MQTT_SERVICE_PORT_MQTT=1883       PABAL_MQTT_PORT_1883_TCP_PORT=1883
 *   PABAL_MQTT_PORT=tcp://10.0.0.7:1883     PABAL_MQTT_PORT_1883_TCP_ADDR=10.0.0.7
 * </pre>
 */
public final class ServiceLink {

  /** No key has such a name, whatever its value is. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\w*_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  /** A key may have such a name, but none has such a value. */
  private static final Pattern PORT_NAME = Pattern.compile("\\w*_PORT");

  private static final Pattern PORT_VALUE = Pattern.compile("(tcp|udp|sctp)://\\S+");

  private ServiceLink() {}

  /** Whether the variable {@code name} with this value is one of them. */
  public static boolean is(String name, String value) {
    return NAME.matcher(name).matches()
        || (PORT_NAME.matcher(name).matches() && PORT_VALUE.matcher(value).matches());
  }
}
