import { isIP } from "node:net";
import type { ListenAddress } from "../base/config/listen-address.ts";
import { formatHostPort } from "../base/config/listen-address.ts";
import { messageOf } from "../base/errors.ts";

/** What a failed listen means to the person who started the program. */
export function listenError({ host, port }: ListenAddress, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: "the port is in use: stop what uses it, or choose another with --listen",
    EACCES: "ports below 1024 need root: choose another with --listen",
    EADDRNOTAVAIL: "this machine has no such address: choose one of its own with --listen",
    ENOTFOUND: "the name has no address: give an IP address with --listen",
  };
  // Bun has no code for a name that it cannot resolve.
  const known = isIP(host) === 0 && advice[code] === undefined ? "ENOTFOUND" : code;
  const why = advice[known] ?? messageOf(error);
  return new Error(`Cannot listen on ${formatHostPort(host, port)}: ${why}`, { cause: error });
}
