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
 * beyond ASCII becomes U+FFFD. The launcher and the image set a UTF-8 locale. For a JVM that was
 * started in another way, this class reads the original bytes from Linux.
 */
final class Arguments {

  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\uFFFD';

  private Arguments() {}

  /** Returns {@code args} decoded as UTF-8; unchanged where the original bytes are not known. */
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
   * Returns the arguments of {@code main}, which are the last arguments in {@code commandLine}.
   * Returns {@code args} when the two do not match.
   *
   * @param args the arguments as the JVM decoded them
   * @param commandLine every argument of the process, each followed by a zero byte
   * @param ofLocale the charset by which the JVM decoded the arguments
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

  /** Whether both texts have the same characters, apart from those that a decoder replaced. */
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
