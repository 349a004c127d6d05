import { plainSecurity } from "../../plain-security.ts";
import type { ContainerConfig, PodSandboxConfig } from "../../runtime.ts";
import type { Guest } from "../guest/guest.ts";
import { sandboxRequest } from "../guest/sandbox-request.ts";
import { placeholderMac } from "../template/placeholder-mac.ts";

/** The guest's own image and its program (`host-images/init/rehearsal.h`). */
const [diskId, program] = ["rehearsal", "/rehearse"];
const containerId = "rehearsal";
/** Of documentation (RFC 5737); the machine's tap leads nowhere. */
const network = {
  tapName: "",
  macAddress: placeholderMac,
  address: "192.0.2.1",
  prefixLength: 24,
  gateway: "192.0.2.2",
  mtu: 1500,
};

const sandbox: PodSandboxConfig = {
  metadata: { namespace: "", name: "spare", uid: "", attempt: 0 },
  hostname: "spare",
  labels: {},
  annotations: {},
  dns: { servers: [], searches: [], options: [] },
  hostAliases: [],
  cpuCount: 1,
  cpuWeight: 1,
  memoryBytes: 0,
  logDirectory: "",
  sysctls: {},
};

const container: ContainerConfig = {
  metadata: { name: containerId, attempt: 0 },
  imageId: "",
  imageDiskPath: "",
  args: [program],
  workingDir: "",
  env: [],
  tty: false,
  stdin: false,
  stdinOnce: false,
  logPath: "",
  labels: {},
  annotations: {},
  resources: { cpuMillis: 0, cpuWeight: 2, memoryBytes: 64 << 20 },
  security: plainSecurity,
  mounts: [],
  stopSignal: "",
};

export interface Rehearsal {
  readonly hasNetwork: boolean;
  readonly nowMs: number;
}

/**
 * Gives a guest an identity for the time being, runs a container of its own to its end and removes it, with its image:
 * what the first container of a Pod needs has then been translated by the emulator. The Pod's identity replaces all of
 * this one. Rejects with the signal's reason, or what the guest says.
 */
export async function rehearse(guest: Guest, rehearsal: Rehearsal, signal: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<never>();
  const onAbort = (): void => late.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([run(guest, rehearsal), late.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function run(guest: Guest, { hasNetwork, nowMs }: Rehearsal): Promise<void> {
  const exited = Promise.withResolvers<void>();
  guest.onContainerExited(({ acknowledge }) => {
    acknowledge();
    exited.resolve();
  });
  await guest.configure(sandboxRequest({ ...sandbox, ...(hasNetwork && { network }) }, nowMs));
  const { stdout, stderr } = await guest.createContainer(containerId, diskId, container);
  for (const id of [stdout, stderr]) if (id !== undefined) drain(guest, id);
  await guest.startContainer(containerId);
  await exited.promise;
  await guest.removeContainer(containerId);
  await guest.unmountDisk(diskId);
}

function drain(guest: Guest, id: number): void {
  const stream = guest.streams.attachInbound(id, 0);
  stream.onReadable(() => {
    if (stream.take()) stream.acknowledge(stream.received);
    if (stream.ended) guest.streams.close(id);
  });
}
