/** Composition root of host mode: the Spherelet. */
import { resolve } from "node:path";
import { systemClock } from "../supervisor/base/clock.ts";
import type { HostSettings } from "../supervisor/base/config/host-settings.ts";
import type { KubeletSettings } from "../supervisor/base/config/kubelet-settings.ts";
import { Logger } from "../supervisor/base/logging.ts";
import { MetricsRegistry } from "../supervisor/base/metrics/metrics-registry.ts";
import { notifySystemd } from "../supervisor/base/notify-systemd.ts";
import { createClient } from "../supervisor/client/rest-client.ts";
import { imageStoreDir } from "./cli/image.ts";
import { guestImageInChild } from "./guest-image-in-child.ts";
import { IdleMemory } from "./idle-memory.ts";
import { ImageStore } from "./images/image-store.ts";
import { findSquashfsTool } from "./images/layers/squashfs-tool.ts";
import { startTool } from "./images/layers/tool-process.ts";
import { readRegistriesFile } from "./images/registry/registries-file.ts";
import type { Registries } from "./images/registry/registry-hosts.ts";
import { connectHost, type HostConnection } from "./join/connect-host.ts";
import { keepServingCertificate } from "./join/keep-serving-certificate.ts";
import { lockDataDir } from "./kubelet/lock-data-dir.ts";
import { cgroupMetrics } from "./kubelet/metrics/cgroup-metrics.ts";
import { measuredTransport } from "./kubelet/metrics/rest-client-metrics.ts";
import { hostAddress } from "./kubelet/node/host-address.ts";
import { readNodeFacts } from "./kubelet/node/node-facts.ts";
import { preflight } from "./kubelet/node/preflight.ts";
import { together } from "./kubelet/pods/together.ts";
import type { MachineClasses } from "./kubelet/runtime-classes/machine-class.ts";
import { readMachineClasses } from "./kubelet/runtime-classes/read-machine-classes.ts";
import { runSpherelet } from "./kubelet/spherelet.ts";
import type { KubeletSource } from "./kubelet/spherelet-options.ts";
import { hostTools } from "./network/host-tools.ts";
import { CrxRuntime } from "./runtime/crx/crx-runtime.ts";
import type { GuestImageSource } from "./runtime/crx/guest-image.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { type ServeOnPortOptions, serveOnPort } from "./serve-on-port.ts";
import { serveThroughTunnel } from "./serve-through-tunnel.ts";

export interface HostOptions extends HostSettings {
  /** The guest's kernel and initial file system: files of the build, or those embedded in the binary. */
  readonly guestImage: GuestImageSource;
  readonly logger?: Logger;
}

/**
 * Runs this box as a host until the signal: first takes the machines of an earlier run over, for which no supervisor
 * is needed, then joins, then runs Pods. When it ends, the machines of Pods go on. Throws, with a message that says
 * what to do, where this box cannot be a host.
 */
export async function runHost(options: HostOptions, signal: AbortSignal): Promise<void> {
  const settings = { ...options, dataDir: resolve(options.dataDir) };
  const logger = options.logger ?? Logger.ofDaemon(settings.logLevel);
  preflight(settings);
  findSquashfsTool(startTool);
  const registries = (): Registries => readRegistriesFile(settings.privateRegistry);
  registries();
  const machineClasses = await readMachineClasses(settings.machineClasses);
  const lock = await lockDataDir(settings.dataDir, systemClock, signal);
  const metrics = new MetricsRegistry();
  const runtime = await openRuntime({ ...settings, metrics }, logger, signal);
  const memory = new IdleMemory(systemClock);
  runtime.onEvent(() => memory.disturb());
  memory.disturb();
  try {
    // systemd waits for this alone: a supervisor that is down for hours must not look like a host that cannot start.
    await notifySystemd("READY=1\nSTATUS=Connecting to the supervisor");
    await connectAndRun({ ...settings, registries, machineClasses, metrics }, runtime, logger, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    memory.stop();
    await notifySystemd("STOPPING=1");
    await runtime.close();
    await lock.release();
  }
}

async function connectAndRun(
  settings: Omit<HostOptions, "machineClasses"> & {
    readonly registries: () => Registries;
    readonly machineClasses: MachineClasses;
    readonly metrics: MetricsRegistry;
  },
  runtime: Runtime,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connectHost({ ...settings, userAgent: "pacific-host", logger, signal });
  const { server } = connection.credentials();
  const { nodeName, dataDir, metrics } = settings;
  const { host } = new URL(server);
  const spherelet = {
    nodeName,
    dataDir,
    address: settings.nodeIp ?? (await hostAddress(server)),
    networkMode: settings.network,
    networkTools: hostTools,
    allowedUnsafeSysctls: settings.allowedUnsafeSysctls,
    client: createClient(measuredTransport(connection.transport, metrics, { host, clock: systemClock })),
    metrics,
    clientCertificate: () => connection.credentials().certificatePem,
    runtime,
    images: new ImageStore({ dataDir: imageStoreDir(dataDir), logger, registries: settings.registries }),
    facts: await readNodeFacts(dataDir),
    settings: settings.kubelet,
    machineClasses: settings.machineClasses,
    clock: systemClock,
    logger,
    serve: (source: KubeletSource, stopped: AbortSignal) =>
      serveKubelet({ ...spherelet, source, connection }, stopped),
    onReady: () => void notifySystemd("STATUS=Running Pods"),
  };
  logger.info("Host is connected", { server, node: nodeName, address: spherelet.address });
  await together(signal, [
    (stopped) => connection.keep(stopped),
    (stopped) => runSpherelet(spherelet, stopped),
  ]);
}

/** Serves the kubelet API by the ways that this host has: the supervisor's tunnel, a port of its own, or none. */
async function serveKubelet(
  options: Omit<ServeOnPortOptions, "port"> & {
    readonly connection: HostConnection;
    readonly dataDir: string;
    readonly settings: KubeletSettings;
  },
  signal: AbortSignal,
): Promise<void> {
  const { connection, settings } = options;
  const { kubeletPort: port } = settings;
  const { caPem: clientCa } = connection.credentials();
  await together(signal, [
    ...(connection.isSupervisor ? [(stopped: AbortSignal) => serveThroughTunnel(options, stopped)] : []),
    ...(port === undefined
      ? []
      : [
          (stopped: AbortSignal) =>
            serveOnPort(
              {
                ...options,
                ...servingCertificate(options),
                port,
                ...(clientCa !== undefined && { clientCa }),
              },
              stopped,
            ),
        ]),
  ]);
}

/** Where the port's certificate comes from: the cluster's authority, unless the host is to sign its own. */
function servingCertificate(
  options: Omit<ServeOnPortOptions, "port"> & {
    readonly dataDir: string;
    readonly settings: KubeletSettings;
  },
): Pick<ServeOnPortOptions, "keepCertificate"> {
  if (!options.settings.rotateServerCertificates) return {};
  const names = [options.nodeName, options.address];
  return {
    keepCertificate: (onCertificate, signal) =>
      keepServingCertificate({ ...options, names, onCertificate }, signal),
  };
}

/** The runtime, with the machines of an earlier run taken over. */
async function openRuntime(
  settings: HostOptions & { readonly metrics: MetricsRegistry },
  logger: Logger,
  signal: AbortSignal,
): Promise<CrxRuntime> {
  const { dataDir, accel, crxStart, crxPool, network } = settings;
  const guestImage = await guestImageInChild(dataDir, settings.guestImage);
  const cloning =
    crxStart === "auto" ? { cloning: { hasNetwork: network === "auto", poolSize: crxPool } } : {};
  const measureCgroups = cgroupMetrics(settings.metrics);
  const runtime = new CrxRuntime({ dataDir, guestImage, accel, logger, measureCgroups, ...cloning });
  await runtime.recover(signal);
  const { kind, message } = runtime.accelerator();
  logger.info("Runtime is ready", {
    accelerator: kind,
    why: message,
    machines: runtime.listPodSandboxes().length,
  });
  return runtime;
}
