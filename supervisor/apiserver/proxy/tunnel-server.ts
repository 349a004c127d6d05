import type { Duplex } from "node:stream";
import { newForbidden, newUnauthorized } from "../../apimachinery/status-errors.ts";
import { type Clock, clockSleep } from "../../base/clock.ts";
import type { ConnectionInfo, PeerSubject } from "../../base/http/connection-info.ts";
import type { TakeOver } from "../../base/http/http-options.ts";
import { headerList, type RequestHead } from "../../base/http/request-head.ts";
import { acceptUpgrade, refuseUpgrade } from "../../base/http/upgrade.ts";
import type { Logger } from "../../base/logging.ts";
import { Multiplexer } from "../../base/mux/multiplexer.ts";
import { tunnelPath, tunnelProtocol } from "../../base/tunnel-protocol.ts";
import { DialError, type NodeDialer } from "./node-dialer.ts";
import { statusResponse } from "./status-response.ts";

export interface TunnelServerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long {@link TunnelServer.dial} waits for a host that reconnects. Default 5000. */
  readonly waitMs?: number;
}

/** Older tunnels of a host whose streams may still go on; of more than these the oldest is cut. */
const maxDraining = 4;

/**
 * The supervisor's end of the hosts' tunnels. A host opens one with its client certificate (`system:node:NAME`); the
 * newest of a name counts, and what runs through an older one goes on to its end. The supervisor opens streams in it; a
 * host cannot.
 */
export class TunnelServer implements NodeDialer {
  readonly #options: TunnelServerOptions;
  readonly #tunnels = new Map<string, Multiplexer>();
  /** Of each node, the oldest first. */
  readonly #draining = new Map<string, Set<Multiplexer>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: TunnelServerOptions) {
    this.#options = options;
  }

  /** The nodes whose tunnels stand. */
  get nodeNames(): readonly string[] {
    return [...this.#tunnels.keys()];
  }

  /** How many older tunnels of a node go on until what runs through them has ended. */
  drainingCount(nodeName: string): number {
    return this.#draining.get(nodeName)?.size ?? 0;
  }

  /** An upgrade hook: takes requests for a tunnel, and no others. */
  readonly upgrade = (head: RequestHead, connection: ConnectionInfo): TakeOver | undefined => {
    if (head.target.split("?")[0] !== tunnelPath || !headerList(head, "upgrade").includes(tunnelProtocol)) {
      return undefined;
    }
    const { peer } = connection;
    const nodeName = peer === undefined ? undefined : nodeNameOf(peer);
    if (nodeName !== undefined) return (stream) => this.#accept(nodeName, stream);
    const error =
      peer === undefined
        ? newUnauthorized()
        : newForbidden({ group: "", resource: "" }, "", `User "${peer.commonName}" is not a node`);
    return (stream) => void refuseUpgrade(stream, statusResponse(error));
  };

  async dial(nodeName: string, signal: AbortSignal): Promise<Duplex> {
    const tunnel = this.#tunnels.get(nodeName) ?? (await this.#awaitTunnel(nodeName, signal));
    signal.throwIfAborted();
    if (tunnel !== undefined) return tunnel.open();
    throw new DialError(nodeName, `host "${nodeName}" has no tunnel to this supervisor, is it running`);
  }

  /** Ends all tunnels. */
  close(): void {
    const older = [...this.#draining.values()].flatMap((tunnels) => [...tunnels]);
    for (const tunnel of [...this.#tunnels.values(), ...older]) tunnel.close("The supervisor stops");
  }

  #accept(nodeName: string, stream: Duplex): void {
    acceptUpgrade(stream, tunnelProtocol);
    const tunnel = new Multiplexer(stream, { role: "listener", clock: this.#options.clock });
    const older = this.#tunnels.get(nodeName);
    this.#tunnels.set(nodeName, tunnel);
    if (older !== undefined) this.#drain(nodeName, older);
    const logger = this.#options.logger.with({ node: nodeName });
    logger.info(older === undefined ? "Host connected" : "Host connected again");
    void tunnel.closed.then((reason) => {
      if (this.#tunnels.get(nodeName) !== tunnel) return;
      this.#tunnels.delete(nodeName);
      logger.info("Host disconnected", { reason });
    });
    for (const wake of this.#waiting.get(nodeName) ?? []) wake();
  }

  #drain(nodeName: string, older: Multiplexer): void {
    const reason = `Host "${nodeName}" has opened a newer tunnel`;
    const draining = (this.#draining.get(nodeName) ?? new Set()).add(older);
    this.#draining.set(nodeName, draining);
    void older.closed.then(() => {
      draining.delete(older);
      if (draining.size === 0) this.#draining.delete(nodeName);
    });
    if (draining.size > maxDraining) draining.values().next().value?.close(reason);
    older.drain(reason);
  }

  async #awaitTunnel(nodeName: string, signal: AbortSignal): Promise<Multiplexer | undefined> {
    const enough = new AbortController();
    const wake = (): void => enough.abort();
    const waiting = this.#waiting.get(nodeName) ?? new Set();
    this.#waiting.set(nodeName, waiting.add(wake));
    const stop = AbortSignal.any([signal, enough.signal]);
    await clockSleep(this.#options.clock, this.#options.waitMs ?? 5000, stop);
    waiting.delete(wake);
    if (waiting.size === 0) this.#waiting.delete(nodeName);
    return this.#tunnels.get(nodeName);
  }
}

/** The node that a certificate speaks for (Kubernetes' node authorizer: `system:node:NAME` in `system:nodes`). */
function nodeNameOf(peer: PeerSubject): string | undefined {
  const prefix = "system:node:";
  if (!peer.commonName.startsWith(prefix) || !peer.organizations.includes("system:nodes")) return undefined;
  return peer.commonName.slice(prefix.length) || undefined;
}
