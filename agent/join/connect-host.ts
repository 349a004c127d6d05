import type { Clock } from "../../supervisor/base/clock.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import type { HostIdentity } from "./identity-store.ts";
import { joinSupervisor } from "./join-supervisor.ts";
import { keepCertificate } from "./keep-certificate.ts";

export interface ConnectHostOptions {
  /** A file for any Kubernetes cluster, instead of joining a supervisor. */
  readonly kubeconfig?: string;
  readonly server?: string;
  readonly token?: string;
  readonly nodeName: string;
  readonly dataDir: string;
  readonly userAgent?: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/** Who a host is towards its API server: what its own connections beside the client's need. */
type HostCredentials = Pick<HostIdentity, "server"> &
  Partial<Pick<HostIdentity, "caPem" | "certificatePem" | "keyPem">> & { readonly token?: string };

export interface HostConnection {
  readonly transport: HttpTransport;
  /** Whether the API server is a supervisor of Pacific, which has a tunnel. */
  readonly isSupervisor: boolean;
  /** The credentials as they are now; they change when the certificate is renewed. */
  credentials(): HostCredentials;
  /** Calls back when they changed; the result takes the listener back. */
  onRenewal(listener: () => void): () => void;
  /** Keeps the certificate fresh until the signal; with a kubeconfig that is its owner's work. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Connects a host with its API server: by joining a supervisor, or by a kubeconfig. Throws as `joinSupervisor`. */
export async function connectHost(options: ConnectHostOptions): Promise<HostConnection> {
  if (options.kubeconfig !== undefined)
    return await connectByKubeconfig(options.kubeconfig, options.userAgent);
  const host = await joinSupervisor(options);
  return {
    transport: host.transport,
    isSupervisor: true,
    credentials: () => host.identity,
    onRenewal: (listener) => host.onRenewal(listener),
    keep: (signal) => keepCertificate(host, { ...options, signal }),
  };
}

async function connectByKubeconfig(path: string, userAgent = "pacific-host"): Promise<HostConnection> {
  const { transport: options } = await loadKubeconfig(path);
  const { server, caPem, credentials = {} } = options;
  const own = { server, ...(caPem === undefined ? {} : { caPem }), ...credentials };
  return {
    transport: new HttpTransport({ ...options, userAgent }),
    isSupervisor: false,
    credentials: () => own,
    onRenewal: () => () => {},
    keep: async () => {},
  };
}
