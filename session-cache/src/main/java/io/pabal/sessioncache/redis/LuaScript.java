// SPDX-License-Identifier: Apache-2.0
package io.pabal.sessioncache.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script, which Redis runs as one atomic step, with the digest under which Redis caches it.
 *
 * @param text the source
 * @param digest the SHA-1 of the source in hexadecimal digits
 */
public record LuaScript(String text, String digest) {

  /** The script that consists of these resources beside {@code owner}, in this order. */
  public static LuaScript load(Class<?> owner, String... resources) {
    StringBuilder text = new StringBuilder();
    for (String resource : resources) {
      text.append(read(owner, resource)).append('\n');
    }
    return new LuaScript(text.toString(), sha1(text.toString()));
  }

  private static String read(Class<?> owner, String resource) {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + ": not found beside " + owner.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
