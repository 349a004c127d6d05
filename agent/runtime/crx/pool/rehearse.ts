import { randomBytes } from "node:crypto";
import type { ContainerConfig } from "../../runtime.ts";
import { FieldWriter } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";
import type { Guest } from "../guest/guest.ts";

/** The guest's own image and its program (`host-images/init/rehearsal.h`). */
const [diskId, program] = ["rehearsal", "/rehearse"];
const containerId = "rehearsal";
const entropyBytes = 64;

const config: ContainerConfig = {
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
  security: {
    user: "",
    supplementalGroups: [],
    readOnlyRootFilesystem: false,
    privileged: false,
    noNewPrivileges: false,
    addCapabilities: [],
    dropCapabilities: [],
  },
  mounts: [],
  stopSignal: "",
};

/**
 * Runs a container of the guest's own to its end and removes it, with its image: what the first container of a Pod needs
 * has then been translated by the emulator, and is in the processor's caches. Nothing that it drew, counted or
 * wrote stays but ids of its events and streams. Rejects with the signal's reason, or what the guest says.
 */
export async function rehearse(guest: Guest, nowMs: number, signal: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<never>();
  const onAbort = (): void => late.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([run(guest, nowMs), late.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function run(guest: Guest, nowMs: number): Promise<void> {
  const exited = Promise.withResolvers<void>();
  guest.onContainerExited(({ acknowledge }) => {
    acknowledge();
    exited.resolve();
  });
  await guest.configure(
    new FieldWriter()
      .bytes(tag.entropy, randomBytes(entropyBytes))
      .u64(tag.clock, BigInt(nowMs) * 1_000_000n)
      .text(tag.hostname, "spare")
      .text(tag.resolvConf, "")
      .text(tag.hosts, "127.0.0.1\tlocalhost\n"),
  );
  const { stdout, stderr } = await guest.createContainer(containerId, diskId, config);
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
