import { createHash, timingSafeEqual } from "node:crypto";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { authenticated } from "./authenticator.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

/** A line of a token file: `token,user,uid,"group1,group2"`. */
interface StaticToken {
  readonly digest: Buffer;
  readonly user: UserInfo;
}

/** The fields of a CSV line; quoted fields may hold commas, and quotes doubled. */
function csvFields(line: string): readonly string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), (match) =>
    (match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim(),
  );
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/**
 * The users of a token file as kube-apiserver's `--token-auth-file` has it. Throws a `RangeError` that names a line
 * with fewer than three fields or with an empty token or user.
 */
export function parseTokenFile(text: string): readonly StaticToken[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [token = "", name = "", uid, groups = ""] = csvFields(line);
    if (token === "" || name === "" || uid === undefined) {
      throw new RangeError(
        `Token file line ${index + 1} must be token,user,uid and optionally "group1,group2"`,
      );
    }
    const list = groups.split(",").map((group) => group.trim());
    const user = { name, uid, groups: list.filter((group) => group !== "") };
    return [{ digest: digest(token), user: authenticated(user) }];
  });
}

/** Knows the users of a token file. */
export function tokenFileAuthenticator(tokens: readonly StaticToken[]): TokenAuthenticator {
  return {
    authenticate(token) {
      const given = digest(token);
      const match = tokens.find((known) => timingSafeEqual(known.digest, given));
      return match && { user: match.user };
    },
  };
}
