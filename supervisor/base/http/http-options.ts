import type { Duplex } from "node:stream";
import type { ConnectionInfo } from "./connection-info.ts";
import type { RequestHead } from "./request-head.ts";

export type HttpHandler = (request: Request, connection: ConnectionInfo) => Response | Promise<Response>;

/**
 * Owns a connection from the moment of its call: the stream is paused and begins with the first byte after the
 * request's head. It answers the request itself and closes the stream. Errors of the stream need no listener.
 */
export type TakeOver = (stream: Duplex) => void;

/**
 * Asked for each request with `Connection: Upgrade`. Returns who takes the connection over, or undefined to have the
 * request handled as any other.
 */
export type UpgradeHook = (head: RequestHead, connection: ConnectionInfo) => TakeOver | undefined;

export interface HttpLimits {
  /** Bytes of a request's line and headers, and of a body's trailers. */
  readonly headBytes: number;
  /** From a head's first byte to its last. */
  readonly headMs: number;
  /** Without a byte of a body that is waited for. */
  readonly bodyStallMs: number;
  /** Between requests. */
  readonly idleMs: number;
  /** Without the client taking a byte of an answer. */
  readonly writeStallMs: number;
  /** For a client to take notice after the last answer, before the connection is cut. */
  readonly lingerMs: number;
  /** Bytes read ahead of the request in work (pipelining). */
  readonly aheadBytes: number;
}

export const defaultLimits: HttpLimits = {
  headBytes: 64 * 1024,
  headMs: 32_000,
  bodyStallMs: 60_000,
  idleMs: 90_000,
  writeStallMs: 30_000,
  lingerMs: 1000,
  aheadBytes: 64 * 1024,
};

export interface HttpOptions {
  readonly handler: HttpHandler;
  readonly upgrade?: UpgradeHook;
  readonly limits?: Partial<HttpLimits>;
  /** Told of what a handler threw; the client gets a plain 500. */
  readonly onHandlerError?: (error: unknown, head: RequestHead) => void;
}
