/** URLs as Go's `net/url` reads them. */

export interface RequestUri {
  readonly scheme: string;
  /** With the port; empty for none. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly escapedPath: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong with a URL, in Go's words. */
export class RequestUriError extends Error {
  override readonly name = "RequestUriError";
}

const pathCharacters = /[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%[\]]/g;

function unescapeQuery(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

function parseQuery(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const equals = pair.indexOf("=");
    const key = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? "" : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

function checkEscapes(text: string): void {
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text);
  if (wrong !== null) throw new RequestUriError(`invalid URL escape ${JSON.stringify(wrong[0])}`);
}

function parseHost(authority: string): Pick<RequestUri, "host" | "hostname" | "port"> {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const wrong = /[ <>"\\^`{|}]/.exec(host);
  if (wrong !== null) {
    throw new RequestUriError(`invalid character ${JSON.stringify(wrong[0])} in host name`);
  }
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host);
  if (match === null) {
    const after = host.startsWith("[") ? host.slice(host.indexOf("]") + 1) : host.slice(host.indexOf(":"));
    throw new RequestUriError(`invalid port ${JSON.stringify(after)} after host`);
  }
  return { host, hostname: (match[1] ?? "").replace(/^\[|\]$/g, ""), port: match[2] ?? "" };
}

/** Reads an absolute URI or an absolute path. Throws a {@link RequestUriError}. */
export function parseRequestUri(raw: string): RequestUri {
  const refuse = (why: string) => new RequestUriError(`parse ${JSON.stringify(raw)}: ${why}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(raw)) throw refuse("net/url: invalid control character in URL");
  if (raw === "") throw refuse("empty url");
  try {
    return parseUri(raw);
  } catch (error) {
    if (error instanceof RequestUriError) throw refuse(error.message);
    throw error;
  }
}

function parseUri(raw: string): RequestUri {
  const [withoutFragment = ""] = raw.split("#", 1);
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?([^?]*)(?:\?(.*))?$/s.exec(withoutFragment);
  const [, scheme = "", hierarchy = "", query = ""] = match ?? [];
  if (scheme === "" && /^[^/?]*:/.test(raw)) {
    throw new RequestUriError(
      raw.startsWith(":") ? "missing protocol scheme" : "first path segment in URL cannot contain colon",
    );
  }
  const common = { scheme: scheme.toLowerCase(), query: parseQuery(query) };
  const noHost = { host: "", hostname: "", port: "" };
  if (!hierarchy.startsWith("/")) {
    if (scheme === "") throw new RequestUriError("invalid URI for request");
    return { ...common, ...noHost, escapedPath: "" };
  }
  const hasAuthority = scheme !== "" && hierarchy.startsWith("//");
  const pathStart = hasAuthority ? hierarchy.indexOf("/", 2) : 0;
  const path = pathStart < 0 ? "" : hierarchy.slice(pathStart);
  checkEscapes(path);
  const host = hasAuthority ? parseHost(hierarchy.slice(2, pathStart < 0 ? undefined : pathStart)) : noHost;
  return { ...common, ...host, escapedPath: path.replace(pathCharacters, encodeURIComponent) };
}
