/** URLs (apiserver `cel/library/urls.go`). */
import { CelError } from "../cel-error.ts";
import { declare, type FunctionDeclaration, type Library } from "../declarations.ts";
import { readsFirst } from "../sizes.ts";
import { objectType } from "../types.ts";
import { CelForeign, ListValue, MapValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";
import { parseRequestUri, type RequestUri, RequestUriError } from "./request-uri.ts";

const type = "kubernetes.URL";

class UrlValue extends CelForeign {
  readonly typeName = type;
  readonly raw: string;
  readonly uri: RequestUri;

  constructor(raw: string, uri: RequestUri) {
    super();
    this.raw = raw;
    this.uri = uri;
  }

  equals(other: CelForeign): boolean {
    return other instanceof UrlValue && other.raw === this.raw;
  }
}

function parse(raw: string): UrlValue {
  try {
    return new UrlValue(raw, parseRequestUri(raw));
  } catch (error) {
    if (!(error instanceof RequestUriError)) throw error;
    throw new CelError(`URL parse error during conversion from string: ${error.message}`);
  }
}

function isUrl(raw: string): boolean {
  try {
    parseRequestUri(raw);
    return true;
  } catch (error) {
    if (error instanceof RequestUriError) return false;
    throw error;
  }
}

function part(name: string, read: (uri: RequestUri) => string): FunctionDeclaration {
  return declare(name, { [`${type}.() -> string`]: ([value]) => read(foreign(UrlValue, value).uri) });
}

export const urlsLibrary: Library = {
  typeNames: { [type]: objectType(type) },
  functions: [
    declare("url", { [`(string) -> ${type}`]: ([value]) => parse(text(value)) }, readsFirst),
    declare("isURL", { "(string) -> bool": ([value]) => isUrl(text(value)) }, readsFirst),
    part("getScheme", ({ scheme }) => scheme),
    part("getHost", ({ host }) => host),
    part("getHostname", ({ hostname }) => hostname),
    part("getPort", ({ port }) => port),
    part("getEscapedPath", ({ escapedPath }) => escapedPath),
    declare("getQuery", {
      [`${type}.() -> map(string, list(string))`]: ([value]) => {
        const query = new MapValue();
        for (const [key, values] of foreign(UrlValue, value).uri.query)
          query.add(key, new ListValue([...values]));
        return query;
      },
    }),
  ],
};
