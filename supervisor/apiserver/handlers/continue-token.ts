/** The token by which a client goes on with a list (kubernetes `apiserver/pkg/storage/continue.go`). */
import { describeSyntaxError } from "../../apimachinery/json/json-scanner.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";

export interface ContinueToken {
  /** The revision of the first page; -1 for the newest, where that one is no longer kept. */
  readonly revision: number;
  /** The last key that the client has, without the list's prefix. */
  readonly after: string;
}

const tokenVersion = "meta.k8s.io/v1";

export function encodeContinueToken({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start: `${after}\u0000` })).toString(
    "base64url",
  );
}

/** Throws BadRequest. */
export function decodeContinueToken(text: string): ContinueToken {
  const refuse = (why: string) => newBadRequest(`invalid continue token: continue key is not valid: ${why}`);
  let token: { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown };
  const json = Buffer.from(text, "base64url").toString("utf8");
  try {
    token = JSON.parse(json);
  } catch {
    throw refuse(describeSyntaxError(json));
  }
  if (token?.v !== tokenVersion)
    throw refuse(`server does not recognize this encoded version ${String(token?.v)}`);
  const { rv, start } = token;
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0) {
    throw refuse(`incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (typeof start !== "string" || start === "")
    throw refuse(`encoded start key empty (version ${tokenVersion})`);
  return { revision: rv, after: start.endsWith("\u0000") ? start.slice(0, -1) : start };
}
