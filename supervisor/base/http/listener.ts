import type { ListenOptions, Server, Socket } from "node:net";

export interface Listener {
  /** The TCP port that it listens on; 0 for a unix socket. */
  readonly port: number;
  /** Resolves when the listener and its connections have closed. */
  readonly closed: Promise<void>;
}

export interface ListenerOptions {
  /** Stops the listener: no new connections and requests; what is in work may end within `drainMs`. */
  readonly signal: AbortSignal;
  /** Default 1000. */
  readonly drainMs?: number;
}

/**
 * Runs a server until the signal. `serve` gets each connected socket and settles when that has closed.
 * Rejects when the address cannot be had.
 */
export async function runListener<S extends Socket>(
  server: Server,
  address: ListenOptions,
  connectedEvent: "connection" | "secureConnection",
  serve: (socket: S) => Promise<void>,
  options: ListenerOptions,
): Promise<Listener> {
  const open = new Map<S, Promise<void>>();
  server.on(connectedEvent, (socket: S) => {
    const served = serve(socket).finally(() => open.delete(socket));
    open.set(socket, served);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Running out of descriptors for a connection must not end the others.
  server.on("error", () => {});
  const bound = server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : 0;
  return { port, closed: closeOnAbort(server, open, options) };
}

async function closeOnAbort<S extends Socket>(
  server: Server,
  open: ReadonlyMap<S, Promise<void>>,
  options: ListenerOptions,
): Promise<void> {
  await new Promise<void>((resolve) => {
    if (options.signal.aborted) return resolve();
    options.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  server.close();
  const cut = setTimeout(() => {
    for (const socket of open.keys()) socket.destroy();
  }, options.drainMs ?? 1000);
  await Promise.all(open.values());
  clearTimeout(cut);
}
