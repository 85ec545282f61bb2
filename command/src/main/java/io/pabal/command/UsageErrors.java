// SPDX-License-Identifier: Apache-2.0
package io.pabal.command;

import io.pabal.command.config.setting.Shown;
import io.pabal.schemas.address.ServerUri;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The error messages for a wrong command line. Picocli quotes the arguments. This class quotes no
 * argument that may be a password: neither a text that looks like a URI, nor a word that belongs to
 * no option, such as a part of a password that contains a space.
 */
final class UsageErrors {

  private static final Pattern FLAG = Pattern.compile("--?[A-Za-z][A-Za-z-]*");
  private static final Pattern COMMA = Pattern.compile(",");

  private UsageErrors() {}

  /**
   * Returns the message to print, of one or more lines.
   *
   * @param args the arguments of the process
   */
  static String messageOf(ParameterException e, String[] args) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched, args);
    }
    String message = String.valueOf(e.getMessage());
    for (String secret : secrets(args)) {
      message = message.replace(secret, ServerUri.MASK);
    }
    return message;
  }

  private static String unmatched(UnmatchedArgumentException e, String[] args) {
    List<String> lines = new ArrayList<>();
    for (String argument : e.getUnmatched()) {
      Matcher flag = FLAG.matcher(argument);
      lines.add(
          flag.lookingAt() && argument.length() > 1
              ? "unknown option: " + flag.group()
              : "argument %d is not expected, and not shown since it may be a password"
                  .formatted(List.of(args).indexOf(argument) + 1));
    }
    String meant = String.join(", ", e.getSuggestions());
    return String.join("\n", lines)
        + (meant.isEmpty() ? "" : " (did you mean %s?)".formatted(meant));
  }

  /**
   * Returns the parts of {@code args} that are not shown. The longest part is first, since a long
   * part may contain shorter ones.
   */
  private static List<String> secrets(String[] args) {
    return Stream.of(args)
        .flatMap(argument -> Stream.of(argument, argument.substring(argument.indexOf('=') + 1)))
        .flatMap(text -> Stream.concat(Stream.of(text), COMMA.splitAsStream(text)))
        .filter(text -> !Shown.isHarmless(text))
        .distinct()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .toList();
  }
}
