import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { type Clock, clockSleep } from "../../supervisor/base/clock.ts";
import { asError } from "../../supervisor/base/errors.ts";
import { sendRequest } from "../../supervisor/base/http/http-client.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { Multiplexer } from "../../supervisor/base/mux/multiplexer.ts";
import type { MuxError } from "../../supervisor/base/mux/mux-error.ts";
import { tunnelPath, tunnelProtocol } from "../../supervisor/base/tunnel-protocol.ts";

export interface TunnelCredentials {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** PEM: who signed the supervisor's certificate. */
  readonly ca: string;
}

export interface TunnelClientOptions {
  /** `https://host:port` */
  readonly server: string;
  /** Asked before each attempt, so that a renewed certificate is used. */
  readonly credentials: () => TunnelCredentials;
  /** Calls back when the credentials have changed; the result takes the listener back. */
  readonly onRenewal?: (listener: () => void) => () => void;
  /** Serves one connection of the supervisor; the supervisor is authenticated already. */
  readonly serve: (stream: Duplex) => void;
  readonly clock: Clock;
  /** A number from 0 up to 1, for the jitter. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const firstDelayMs = 200;
const longestDelayMs = 10_000;
const connectTimeoutMs = 10_000;
/** What runs through a tunnel goes on for this long after a renewed certificate has another opened. */
const drainMs = 24 * 3600 * 1000;

/**
 * Keeps a tunnel to the supervisor until the signal: dials, serves what comes, and dials again after a break, after
 * 0.2 s at first and at most 10 s. With new credentials another is opened beside it, and the supervisor ends the old one
 * when nothing runs through it any more. Resolves when it has stopped; never rejects.
 */
export async function runTunnel(options: TunnelClientOptions): Promise<void> {
  const { clock, logger, signal } = options;
  let delayMs = firstDelayMs;
  while (!signal.aborted) {
    const startedAt = clock.steady();
    try {
      const tunnel = await openTunnel(options);
      logger.info("Tunnel to the supervisor stands", { server: options.server });
      const reason = await closedOrRenewed(tunnel, options);
      if (reason === "renewed") {
        delayMs = firstDelayMs;
        continue;
      }
      if (!signal.aborted) logger.warn("Tunnel to the supervisor broke", { reason });
    } catch (error) {
      const reason = asError(error);
      if (!signal.aborted) logger.warn("Cannot reach the supervisor", { server: options.server, reason });
    }
    if (clock.steady() - startedAt > longestDelayMs) delayMs = firstDelayMs;
    await clockSleep(clock, delayMs * (0.5 + options.random() / 2), signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

/** Waits until the tunnel has closed, or there are new credentials, by which it is to end. */
async function closedOrRenewed(
  tunnel: Multiplexer,
  { clock, onRenewal }: TunnelClientOptions,
): Promise<MuxError | "renewed"> {
  const renewed = Promise.withResolvers<"renewed">();
  const unlisten = onRenewal?.(() => renewed.resolve("renewed"));
  const outcome = await Promise.race([tunnel.closed, renewed.promise]);
  unlisten?.();
  if (outcome === "renewed") {
    // The supervisor looks at a certificate once: what the old one opened must not go on for ever.
    const cancel = clock.after(drainMs, () => tunnel.close("The host has a new certificate"));
    void tunnel.closed.then(cancel);
  }
  return outcome;
}

async function openTunnel(options: TunnelClientOptions): Promise<Multiplexer> {
  const { signal } = options;
  const timeout = new AbortController();
  const tooLate = (): void => timeout.abort(new Error(`No answer within ${connectTimeoutMs / 1000} s`));
  const cancelTimeout = options.clock.after(connectTimeoutMs, tooLate);
  const giveUp = AbortSignal.any([signal, timeout.signal]);
  const url = new URL(options.server);
  try {
    const socket = await connectTls(url, options.credentials(), giveUp);
    const headers = [
      ["Host", url.host],
      ["Connection", "Upgrade"],
      ["Upgrade", tunnelProtocol],
    ] as const;
    const answer = await sendRequest(socket, { method: "GET", target: tunnelPath, headers, signal: giveUp });
    if (answer.kind !== "upgraded") throw new Error(await refusal(answer.response));
    return serveTunnel(socket, options);
  } finally {
    cancelTimeout();
  }
}

function serveTunnel(socket: TLSSocket, options: TunnelClientOptions): Multiplexer {
  const tunnel = new Multiplexer(socket, { role: "dialler", clock: options.clock, onStream: options.serve });
  const stop = (): void => tunnel.close("The host stops");
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();
  void tunnel.closed.then(() => options.signal.removeEventListener("abort", stop));
  return tunnel;
}

function connectTls(url: URL, credentials: TunnelCredentials, signal: AbortSignal): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? 443 : Number(url.port);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host, port, ...credentials, ALPNProtocols: ["http/1.1"] });
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason instanceof Error ? signal.reason : new Error("Stopped"));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("The connection was closed in the handshake")));
    socket.once("secureConnect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.removeAllListeners("close");
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

async function refusal(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).slice(0, 500).trim();
  return `The supervisor refused the tunnel with status ${response.status}: ${text}`;
}
