import type { UserInfo } from "../../registry/resource-definition.ts";

type Header = readonly [name: string, value: string];

/** What the name of a header may consist of (RFC 9110, 5.6.2); `%` escapes the rest. */
const plainInName = /[!#$&'*+\-.^_`|~0-9A-Za-z]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenInValue = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * The headers that say to another server on whose behalf it is asked (client-go `transport.SetAuthProxyHeaders`). Throws
 * where a part of the user could not stand in a header.
 */
export function userHeaders({ name, uid, groups, extra = {} }: UserInfo): readonly Header[] {
  return [
    header("X-Remote-User", name),
    ...(uid === undefined || uid === "" ? [] : [header("X-Remote-Uid", uid)]),
    ...groups.map((group) => header("X-Remote-Group", group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => header(`X-Remote-Extra-${escaped(key)}`, value)),
    ),
  ];
}

function header(name: string, value: string): Header {
  if (forbiddenInValue.test(value)) {
    throw new RangeError(`net/http: invalid header field value for ${JSON.stringify(name)}`);
  }
  // Heads are written a byte for each character: what is not ASCII goes out as the bytes of UTF-8.
  return [name, Buffer.from(value, "utf8").toString("latin1")];
}

function escaped(key: string): string {
  let text = "";
  for (const byte of Buffer.from(key, "utf8")) {
    const character = String.fromCharCode(byte);
    text += plainInName.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
