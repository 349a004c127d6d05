import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";

/** Where a probe or hook of a Pod leads. */
export interface PodTarget {
  readonly sandbox: PodSandboxStatus;
  /** A host of the user's choice; the Pod itself where absent. */
  readonly host?: string;
  readonly port: number;
}

/** Opens connections to Pods as their node does. */
export type PodDialer = (target: PodTarget, signal: AbortSignal) => Promise<Duplex>;

/** What stands for the address of a Pod that has none. */
const loopback = "127.0.0.1";

const networkErrors: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connect: connection refused"],
  ["ECONNRESET", "connect: connection reset by peer"],
  ["EHOSTUNREACH", "connect: no route to host"],
  ["ENETUNREACH", "connect: network is unreachable"],
  ["ETIMEDOUT", "i/o timeout"],
]);

/** The host that a target's name shows, `10.42.0.7`. */
export function targetHost({ sandbox, host }: Omit<PodTarget, "port">): string {
  return host || sandbox.address || loopback;
}

/**
 * Connects to the Pod's address; one without (`--network none`) is reached through its machine's channel, on the
 * loopback there. Rejects with the texts of Go's `net.Dial`, or with the signal's reason.
 */
export function podDialer(runtime: Pick<Runtime, "portForward">): PodDialer {
  return async (target, signal) => {
    signal.throwIfAborted();
    const host = targetHost(target);
    const throughGuest = !target.host && !target.sandbox.address;
    try {
      return throughGuest
        ? await forwarded(runtime, target, signal)
        : await dialled(host, target.port, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`dial tcp ${hostAndPort(host, target.port)}: ${reasonOf(error)}`, { cause: error });
    }
  };
}

/** As Go's `net.JoinHostPort`. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function forwarded(
  runtime: Pick<Runtime, "portForward">,
  { sandbox, port }: PodTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const opening = runtime.portForward(sandbox.id, port);
  return await new Promise((resolve, reject) => {
    const giveUp = (): void => {
      opening.then((late) => late.destroy()).catch(() => {});
      reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    opening.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

function dialled(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const socket = connect({ host, port });
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      signal.removeEventListener("abort", giveUp);
      socket.off("connect", connected);
      socket.off("error", settle);
      // Nobody may be there any more when the connection breaks.
      socket.on("error", () => {});
      if (!error) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(error);
    };
    const connected = (): void => settle();
    const giveUp = (): void => settle(new Error("given up"));
    socket.once("connect", connected);
    socket.once("error", settle);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

function reasonOf(error: unknown): string {
  const code = String(Object(error).code ?? "");
  if (code === "ENOTFOUND") return `lookup ${Object(error).hostname}: no such host`;
  const message = messageOf(error);
  if (/connection refused/i.test(message)) return "connect: connection refused";
  return networkErrors.get(code) ?? message;
}
