// SPDX-License-Identifier: Apache-2.0
package io.pabal.command.foreground;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals that ask a process to stop. The JVM itself answers these signals with its shutdown
 * hooks. The hooks cannot tell a second Ctrl-C from the first, and the exit code is then fixed.
 *
 * <p>{@code sun.misc.Signal} is part of the supported module {@code jdk.unsupported}. A direct use
 * causes a compiler warning that cannot be switched off, so this class uses reflection. On a JVM
 * without {@code sun.misc.Signal}, the shutdown hooks remain.
 */
final class Signals {

  private static final Logger log = LoggerFactory.getLogger(Signals.class);
  private static final List<String> STOP = List.of("INT", "TERM", "HUP");

  private Signals() {}

  /**
   * Calls {@code action} with the name of each signal that asks the process to stop. Signals that
   * the process was started to ignore stay ignored.
   */
  static void onStop(Consumer<String> action) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = signalType.getMethod("handle", signalType, handlerType);
      Object ignore = handlerType.getField("SIG_IGN").get(null);
      for (String name : STOP) {
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        if (ignore.equals(handle.invoke(null, signal, handler(handlerType, name, action)))) {
          handle.invoke(null, signal, ignore);
        }
      }
    } catch (ReflectiveOperationException e) {
      log.debug("signals not handled", e);
    }
  }

  private static Object handler(Class<?> handlerType, String name, Consumer<String> action) {
    return Proxy.newProxyInstance(
        handlerType.getClassLoader(),
        new Class<?>[] {handlerType},
        (proxy, method, arguments) -> {
          action.accept("SIG" + name);
          return null;
        });
  }
}
