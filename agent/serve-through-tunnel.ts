import type { Duplex } from "node:stream";
import type { Clock } from "../supervisor/base/clock.ts";
import { serveHttp } from "../supervisor/base/http/serve-http.ts";
import type { Logger } from "../supervisor/base/logging.ts";
import type { HostConnection } from "./join/connect-host.ts";
import type { KubeletSource } from "./kubelet/spherelet-options.ts";
import { kubeletServer } from "./server/kubelet-server.ts";
import { runTunnel, type TunnelCredentials } from "./server/tunnel-client.ts";

export interface ServeThroughTunnelOptions {
  readonly source: KubeletSource;
  readonly connection: HostConnection;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Serves the kubelet API to the supervisor, through connections that this host opens. Runs until the signal. */
export async function serveThroughTunnel(
  { source, connection, clock, logger }: ServeThroughTunnelOptions,
  signal: AbortSignal,
): Promise<void> {
  const { handler, upgrade } = kubeletServer(
    source.streams,
    () => clock.now(),
    source.reports,
    source.snapshots,
  );
  await runTunnel({
    server: connection.credentials().server,
    credentials: () => tunnelCredentials(connection),
    onRenewal: (listener) => connection.onRenewal(listener),
    serve: (stream: Duplex) => {
      void serveHttp(stream, { handler, upgrade }, { remoteAddress: "supervisor", signal });
    },
    clock,
    random: Math.random,
    logger,
    signal,
  });
}

/** A host that has joined has all three; with a kubeconfig there is no tunnel. */
function tunnelCredentials(connection: HostConnection): TunnelCredentials {
  const { caPem = "", certificatePem = "", keyPem = "" } = connection.credentials();
  return { ca: caPem, cert: certificatePem, key: keyPem };
}
