// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of this process, decoded as UTF-8.
 *
 * <p>The JVM decodes arguments by the locale: under {@code LC_ALL=C} every byte of a character
 * beyond ASCII becomes U+FFFD. The launcher and the image set a locale of UTF-8. For a JVM that
 * something else started, Linux still has the bytes.
 */
final class Arguments {

  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\uFFFD';

  private Arguments() {}

  /** {@code args} of {@code main}, decoded as UTF-8; as they are where the bytes are not known. */
  static String[] decoded(String[] args) {
    Charset ofLocale = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    if (ofLocale.equals(StandardCharsets.UTF_8)) {
      return args;
    }
    try {
      return decoded(args, Files.readAllBytes(COMMAND_LINE), ofLocale);
    } catch (IOException e) {
      return args;
    }
  }

  /**
   * The last arguments of {@code commandLine}, which are those of {@code main}.
   *
   * @param args what the JVM made of them
   * @param commandLine every argument of the process, each with a zero byte behind it
   * @param ofLocale what the JVM decoded them by
   */
  static String[] decoded(String[] args, byte[] commandLine, Charset ofLocale) {
    List<byte[]> all = split(commandLine);
    if (all.size() < args.length) {
      return args;
    }
    List<byte[]> own = all.subList(all.size() - args.length, all.size());
    String[] decoded = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      if (!isSame(new String(own.get(i), ofLocale), args[i])) {
        return args;
      }
      decoded[i] = new String(own.get(i), StandardCharsets.UTF_8);
    }
    return decoded;
  }

  private static List<byte[]> split(byte[] commandLine) {
    List<byte[]> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        parts.add(Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    return parts;
  }

  /** Whether both have the same characters, where neither decoder gave up. */
  private static boolean isSame(String mine, String ofJvm) {
    if (mine.length() != ofJvm.length()) {
      return false;
    }
    for (int i = 0; i < mine.length(); i++) {
      boolean unknown = mine.charAt(i) == REPLACEMENT || ofJvm.charAt(i) == REPLACEMENT;
      if (!unknown && mine.charAt(i) != ofJvm.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
