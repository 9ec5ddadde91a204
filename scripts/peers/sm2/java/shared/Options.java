// SPDX-License-Identifier: Apache-2.0

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command line that every SM2 peer shares: "--name value" pairs and the flag "--mutual". */
final class Options {
    private static final List<String> NAMES =
        List.of("listen", "connect", "protocol", "suite", "sign-cert", "sign-key", "enc-cert", "enc-key", "ca");
    private final Map<String, String> values = new HashMap<>();

    Options(String[] words) {
        for (int i = 0; i < words.length; i++) {
            String name = words[i].replaceFirst("^--", "");
            if (name.equals("mutual")) {
                values.put(name, "");
            } else if (NAMES.contains(name) && i + 1 < words.length) {
                values.put(name, words[++i]);
            } else {
                throw new IllegalArgumentException("unknown option, or one without its value: " + words[i]);
            }
        }
        if (has("listen") == has("connect")) {
            throw new IllegalArgumentException("one of --listen and --connect is needed");
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String get(String name) {
        if (!has(name)) {
            throw new IllegalArgumentException("--" + name + " is needed");
        }
        return values.get(name);
    }
}
