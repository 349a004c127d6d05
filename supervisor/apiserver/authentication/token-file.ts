import { createHash, timingSafeEqual } from "node:crypto";
import { newUnauthorized } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { type Authenticator, authenticated, bearerToken } from "./authenticator.ts";

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

/**
 * Knows the users of a token file. Tokens that look like bootstrap tokens are left to their own authenticator; any
 * other unknown one is refused.
 */
export function tokenFileAuthenticator(tokens: readonly StaticToken[]): Authenticator {
  return {
    authenticate(headers) {
      const token = bearerToken(headers);
      if (token === undefined) return undefined;
      const given = digest(token);
      const match = tokens.find((known) => timingSafeEqual(known.digest, given));
      return match?.user;
    },
  };
}

/** Refuses every bearer token: comes after those who know some. What else a client sends there is nobody's. */
export const unknownTokens: Authenticator = {
  authenticate(headers) {
    if (bearerToken(headers) === undefined) return undefined;
    throw newUnauthorized();
  },
};
