import { readFileSync } from "node:fs";

/** A call of the traced server on its log or on a client's socket. */
export type ServerCall =
  | { readonly kind: "log write" | "log sync"; readonly text: string; readonly line: number }
  | {
      readonly kind: "received" | "sends";
      readonly clientPort: number;
      readonly text: string;
      readonly line: number;
    };

/** What {@link readServerTrace} wants of strace: sockets by their addresses, and pages of the log whole. */
export const straceFlags = [
  ...["-D", "-f", "-yy", "-s", "5000", "--seccomp-bpf"],
  ...["-e", "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"],
];

/**
 * Reads a trace of strace in the order in which things were seen. A call that other threads interrupted stands on two
 * lines, and is placed on the side that makes the claim harder: what is sent counts from its beginning, what is
 * received, written or synced only from its return.
 */
export function readServerTrace(file: string): ServerCall[] {
  const begun = new Map<string, string>();
  const calls: ServerCall[] = [];
  for (const [line, whole] of readFileSync(file, "latin1").split("\n").entries()) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(whole) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      begun.set(thread, rest);
      const call = callOf(rest, line);
      if (call?.kind === "sends") calls.push(call);
      continue;
    }
    const isResumed = rest.startsWith("<...");
    const call = callOf(isResumed ? `${begun.get(thread) ?? ""}${rest}` : rest, line);
    if (call === undefined || (isResumed && call.kind === "sends")) continue;
    if (hasSucceeded(call)) calls.push(call);
  }
  return calls;
}

function callOf(text: string, line: number): ServerCall | undefined {
  if (/^pwrite64\(\d+<[^>]*state\.db-wal>/.test(text)) return { kind: "log write", text, line };
  if (/^f(data)?sync\(\d+<[^>]*state\.db-wal>/.test(text)) return { kind: "log sync", text, line };
  const [, verb, port] = /^(\w+)\(\d+<TCP(?:v6)?:\[[^\]>]*->[^>]*:(\d+)\]>/.exec(text) ?? [];
  if (verb === undefined) return undefined;
  const kind = /^(?:read|recv)/.test(verb) ? "received" : "sends";
  return { kind, clientPort: Number(port), text, line };
}

/** A sending is taken as such whatever became of it; of the others those that did something. */
function hasSucceeded({ kind, text }: ServerCall): boolean {
  if (kind === "sends") return true;
  return kind === "log sync" ? / = 0$/.test(text) : / = [1-9]\d*$/.test(text);
}
