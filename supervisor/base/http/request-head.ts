import type { MessageHead } from "./message-parser.ts";
import { ProtocolError } from "./protocol-error.ts";

/** A request's first line and headers, checked. */
export interface RequestHead {
  readonly method: string;
  /** The target as the client sent it, beginning with `/`. */
  readonly target: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly host: string;
  /** Whether the client keeps the connection after the answer. */
  readonly keepAlive: boolean;
  readonly http10: boolean;
  readonly chunked: boolean;
  /** 0 where there is no body or its length is unknown. */
  readonly contentLength: number;
  readonly expectsContinue: boolean;
  /** The protocols that the client wants to change to, as sent; undefined without `Connection: Upgrade`. */
  readonly upgrade: string | undefined;
}

const targetCharacters = /^[\x21-\x7e]+$/;
const hostCharacters = /^[A-Za-z0-9._~%-]*(:[0-9]*)?$|^\[[0-9A-Fa-f:.]+(%25[A-Za-z0-9._~-]+)?\](:[0-9]*)?$/;
const lengthDigits = /^[0-9]{1,15}$/;

/** Checks a head by RFC 9112, sections 3.2 and 6.3, stricter where leniency lets requests be smuggled. */
export function checkRequestHead(message: MessageHead): RequestHead {
  if (message.versionMajor !== 1 || message.versionMinor > 1) {
    throw new ProtocolError(
      505,
      `HTTP ${message.versionMajor}.${message.versionMinor} is not spoken here, use 1.1`,
    );
  }
  if (message.method === "TRACE") throw new ProtocolError(501, "The method TRACE is not spoken here");
  const fields = collectFields(message.rawHeaders);
  const http10 = message.versionMinor === 0;
  if (fields.host === undefined && !http10) throw new ProtocolError(400, "The Host header is missing");
  if (fields.host !== undefined && !hostCharacters.test(fields.host)) {
    throw new ProtocolError(400, "The Host header is malformed");
  }
  const chunked = fields.transferEncoding !== undefined;
  if (chunked) checkTransferEncoding(fields, http10);
  const contentLength = fields.contentLength ?? "0";
  if (!lengthDigits.test(contentLength))
    throw new ProtocolError(400, "The Content-Length header is malformed");
  const wantsUpgrade = hasToken(fields.connection, "upgrade");
  if (wantsUpgrade && chunked) throw new ProtocolError(400, "A request to upgrade has no chunked body");
  return {
    method: message.method,
    target: originForm(message.target),
    rawHeaders: message.rawHeaders,
    host: fields.host ?? "localhost",
    keepAlive: !http10 && !hasToken(fields.connection, "close"),
    http10,
    chunked,
    contentLength: Number(contentLength),
    expectsContinue: expectsContinue(fields.expect),
    upgrade: wantsUpgrade ? fields.upgrade : undefined,
  };
}

/** The first value of a header, whatever its case. */
export function headerValue(
  head: { readonly rawHeaders: readonly string[] },
  name: string,
): string | undefined {
  const wanted = name.toLowerCase();
  const at = head.rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === wanted);
  return at === -1 ? undefined : head.rawHeaders[at + 1];
}

/** All values of a list header, split at its commas. */
export function headerList(
  head: { readonly rawHeaders: readonly string[] },
  name: string,
): readonly string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let at = 0; at < head.rawHeaders.length; at += 2) {
    if (head.rawHeaders[at]?.toLowerCase() !== wanted) continue;
    values.push(...(head.rawHeaders[at + 1] ?? "").split(","));
  }
  return values.map((value) => value.trim()).filter((value) => value !== "");
}

/** Names and values in pairs, as they came. */
export function headerPairs(rawHeaders: readonly string[]): Array<readonly [name: string, value: string]> {
  const pairs: Array<readonly [string, string]> = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  }
  return pairs;
}

/** The headers as handlers get them. */
export function headersOf({ rawHeaders }: { readonly rawHeaders: readonly string[] }): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  return headers;
}

/** A request to upgrade, which has no body. */
export function requestOf(head: RequestHead): Request {
  return new Request(`https://${head.host}${head.target}`, { method: head.method, headers: headersOf(head) });
}

interface Fields {
  host: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string;
  upgrade: string | undefined;
  expect: string | undefined;
}

function collectFields(rawHeaders: readonly string[]): Fields {
  const fields: Fields = {
    host: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    connection: "",
    upgrade: undefined,
    expect: undefined,
  };
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] ?? "";
    switch (rawHeaders[at]?.toLowerCase()) {
      case "host":
        fields.host = once("Host", fields.host, value);
        break;
      case "content-length":
        fields.contentLength = once("Content-Length", fields.contentLength, value);
        break;
      case "transfer-encoding":
        fields.transferEncoding = once("Transfer-Encoding", fields.transferEncoding, value);
        break;
      case "connection":
        fields.connection += `,${value}`;
        break;
      case "upgrade":
        fields.upgrade = fields.upgrade === undefined ? value : `${fields.upgrade}, ${value}`;
        break;
      case "expect":
        fields.expect = value;
        break;
    }
  }
  return fields;
}

function once(name: string, earlier: string | undefined, value: string): string {
  if (earlier !== undefined) throw new ProtocolError(400, `The ${name} header comes twice`);
  return value;
}

function checkTransferEncoding(fields: Fields, http10: boolean): void {
  if (fields.contentLength !== undefined) {
    throw new ProtocolError(400, "Content-Length and Transfer-Encoding exclude each other");
  }
  if (http10) throw new ProtocolError(400, "HTTP 1.0 has no Transfer-Encoding");
  if (fields.transferEncoding?.toLowerCase() !== "chunked") {
    throw new ProtocolError(501, "The only Transfer-Encoding spoken here is chunked");
  }
}

function hasToken(list: string, token: string): boolean {
  return list !== "" && list.split(",").some((item) => item.trim().toLowerCase() === token);
}

function expectsContinue(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() !== "100-continue")
    throw new ProtocolError(417, "The Expect header is not 100-continue");
  return true;
}

function originForm(target: string): string {
  if (!targetCharacters.test(target)) throw new ProtocolError(400, "The request's target is malformed");
  if (target.startsWith("/")) return target;
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  if (absolute === undefined) throw new ProtocolError(400, "The request's target is malformed");
  return absolute.startsWith("/") ? absolute : `/${absolute}`;
}
