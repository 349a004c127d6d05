/** The composition root of `pacific supervisor`: here and nowhere else its parts are chosen and put together. */
import { join } from "node:path";
import type { ApiServer } from "./apiserver/api-server.ts";
import { createApiServer } from "./apiserver/create-api-server.ts";
import { ClusterConnector } from "./apiserver/proxy/cluster-connector.ts";
import { KubeletProxy } from "./apiserver/proxy/kubelet-proxy.ts";
import { streamDispatcher } from "./apiserver/proxy/stream-dispatcher.ts";
import { TunnelServer } from "./apiserver/proxy/tunnel-server.ts";
import { WorkloadProxy } from "./apiserver/proxy/workload-proxy.ts";
import { type Clock, systemClock } from "./base/clock.ts";
import type { SupervisorOptions } from "./base/config/supervisor-settings.ts";
import { listenTls } from "./base/http/listen-tls.ts";
import type { Listener } from "./base/http/listener.ts";
import { Logger } from "./base/logging.ts";
import { notifySystemd } from "./base/notify-systemd.ts";
import { type ClusterPki, frontProxyName, loadClusterPki } from "./base/pki/cluster-pki.ts";
import { loadServiceAccountKeys } from "./base/pki/service-account-keys.ts";
import { TokenKeys } from "./base/pki/token-keys.ts";
import type { KubernetesClient } from "./client/types.ts";
import { createBackground } from "./startup/background.ts";
import { clusterInfo } from "./startup/cluster-info.ts";
import { prepareDataDirectory } from "./startup/data-directory.ts";
import { inProcessClients } from "./startup/in-process-clients.ts";
import { keepCertificates } from "./startup/keep-certificates.ts";
import { listenError } from "./startup/listen-error.ts";
import { openAuditor } from "./startup/open-auditor.ts";
import { openTokenAuthenticators } from "./startup/open-token-authenticators.ts";
import { clientAddress, localUrl, serverAddress } from "./startup/server-addresses.ts";
import { serverNames } from "./startup/server-names.ts";
import { withAuthority } from "./startup/with-authority.ts";
import { writeAdminKubeconfig } from "./startup/write-admin-kubeconfig.ts";
import type { Backend } from "./storage/backend.ts";
import { SecretsEncryption } from "./storage/encryption/secrets-encryption.ts";
import { openSqliteBackend } from "./storage/sqlite/open-sqlite-backend.ts";

export interface SupervisorEnvironment {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface RunningSupervisor {
  readonly port: number;
  readonly pki: ClusterPki;
  /** Everything may be asked of it. */
  readonly client: KubernetesClient;
  /** Resolves when all has stopped after the signal; rejects where a part failed. */
  readonly closed: Promise<void>;
}

/** Runs the supervisor until the signal. Throws an error that says what to do where it cannot start. */
export async function runSupervisor(options: SupervisorOptions, signal: AbortSignal): Promise<void> {
  const logger = Logger.ofDaemon(options.logLevel);
  const supervisor = await startSupervisor(options, { clock: systemClock, logger, signal });
  logger.info("The supervisor is ready", {
    port: supervisor.port,
    kubeconfig: options.kubeconfigPath,
    startMs: Math.round(performance.now()),
  });
  await notifySystemd(`READY=1\nSTATUS=Serving the API on port ${supervisor.port}`);
  signal.addEventListener("abort", () => void notifySystemd("STOPPING=1"), { once: true });
  await supervisor.closed;
  logger.info("The supervisor has stopped");
}

/** Starts all parts; resolves when requests are answered. */
export async function startSupervisor(
  options: SupervisorOptions,
  environment: SupervisorEnvironment,
): Promise<RunningSupervisor> {
  const { clock, logger, signal } = environment;
  prepareDataDirectory(options.dataDir);
  const store = openSqliteBackend({
    path: join(options.dataDir, "state.db"),
    logger,
    clock,
    writes: "thread",
  });
  // Ends with the signal given, and when one part cannot start, so that no other stays behind.
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  try {
    const keysPath = join(options.dataDir, "encryption-keys.json");
    const encryption = await SecretsEncryption.open({ store, keysPath, clock, logger });
    return await startParts(options, { clock, logger, signal: stop.signal }, encryption);
  } catch (error) {
    stop.abort();
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly backend: Backend;
  readonly pki: ClusterPki;
  /** Reads the certificates, and makes those that are due. */
  loadPki(): Promise<ClusterPki>;
  readonly tunnels: TunnelServer;
  readonly proxy: KubeletProxy;
  readonly connector: ClusterConnector;
  readonly apiServer: ApiServer;
  readonly serviceAccountKeys: TokenKeys;
}

async function startParts(
  options: SupervisorOptions,
  { clock, logger, signal }: SupervisorEnvironment,
  encryption: SecretsEncryption,
): Promise<RunningSupervisor> {
  const { backend } = encryption;
  const directory = join(options.dataDir, "tls");
  const loadPki = () => loadClusterPki({ directory, serverNames: serverNames(options), clock });
  const [pki, tokenKeys] = await Promise.all([loadPki(), loadServiceAccountKeys(directory)]);
  const serviceAccountKeys = new TokenKeys(tokenKeys);
  const tunnels = new TunnelServer({ clock, logger });
  const proxy = new KubeletProxy(tunnels);
  const connector = new ClusterConnector({ backend, logger, nodes: tunnels, random: Math.random });
  const auditor = options.audit && (await openAuditor(options.audit, { clock, logger }));
  const apiServer = createApiServer({
    backend,
    ...(auditor === undefined ? {} : { auditor }),
    secretsEncryption: encryption,
    proxy,
    connector,
    proxyCredentials: pki.frontProxy.client,
    authorities: {
      clientCaPem: pki.authority.certificatePem,
      requestHeaderCaPem: pki.frontProxy.authority.certificatePem,
      requestHeaderName: frontProxyName,
    },
    serviceAccountKeys,
    ...(await openTokenAuthenticators(options, clock)),
    serverAddress: serverAddress(options),
    serviceCidr: options.serviceCidr,
    clock,
    logger,
  });
  try {
    const parts = { backend, pki, loadPki, tunnels, proxy, connector, apiServer, serviceAccountKeys };
    return await openParts(options, { clock, logger, signal }, parts);
  } catch (error) {
    apiServer.stop();
    throw error;
  }
}

/** Opens the doors: whatever was made can be asked from now on. */
async function openParts(
  options: SupervisorOptions,
  { clock, logger, signal }: SupervisorEnvironment,
  { backend, pki, loadPki, tunnels, proxy, connector, apiServer, serviceAccountKeys }: Parts,
): Promise<RunningSupervisor> {
  const { listen } = options;
  const clientOf = inProcessClients(apiServer);
  const client = clientOf("system:apiserver", ["system:masters"]);
  const runBackground = createBackground({
    ...options,
    clientOf,
    registry: apiServer.registry,
    authority: pki.authority,
    serverNames: serverNames(options),
    signToken: (claims) => serviceAccountKeys.sign(claims),
    clusterInfo: clusterInfo(`https://${serverAddress(options)}`, pki.authority.certificatePem),
    clock,
    logger,
  });
  await apiServer.start();
  const handler = withAuthority(apiServer.fetch, pki.authority.certificatePem);
  const streams = streamDispatcher(apiServer, proxy, new WorkloadProxy(connector));
  const listener = await listenTls({
    ...listen,
    key: pki.server.keyPem,
    cert: pki.server.certificatePem,
    clientCa: pki.authority.certificatePem,
    handler,
    upgrade: (head, connection) => tunnels.upgrade(head, connection) ?? streams(head, connection),
    signal,
  }).catch((error: unknown) => {
    throw listenError(listen, error);
  });
  await apiServer.advertise({ ip: clientAddress(options), port: listener.port });
  const use = async (current: ClusterPki): Promise<void> => {
    listener.setCertificate({ key: current.server.keyPem, cert: current.server.certificatePem });
    apiServer.setProxyCredentials(current.frontProxy.client);
    await writeAdminKubeconfig(options.kubeconfigPath, localUrl(options, listener.port), current);
  };
  await use(pki);
  const background = Promise.all([
    runBackground(signal),
    keepCertificates(pki, { clock, logger, load: loadPki, use }, signal),
  ]);
  const closed = closeAll({ listener, background, tunnels, apiServer, backend });
  return { port: listener.port, pki, client, closed };
}

async function closeAll(parts: {
  readonly listener: Listener;
  readonly background: Promise<unknown>;
  readonly tunnels: TunnelServer;
  readonly apiServer: ApiServer;
  readonly backend: Backend;
}): Promise<void> {
  try {
    await Promise.all([parts.listener.closed, parts.background]);
  } finally {
    parts.tunnels.close();
    parts.apiServer.stop();
    await parts.backend.close();
  }
}
