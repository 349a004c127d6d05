import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ImageStore } from "../../../agent/images/image-store.ts";
import { readNodeFacts } from "../../../agent/kubelet/node/node-facts.ts";
import type { MachineClasses } from "../../../agent/kubelet/runtime-classes/machine-class.ts";
import { runSpherelet } from "../../../agent/kubelet/spherelet.ts";
import type { HostTools } from "../../../agent/network/host-tools.ts";
import { hostTools } from "../../../agent/network/host-tools.ts";
import { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { unpackGuestImage } from "../../../agent/runtime/crx/guest-image.ts";
import type { SpawnProcess } from "../../../agent/runtime/crx/qemu/spawn-qemu.ts";
import type { PodStreams } from "../../../agent/server/pod-streams.ts";
import type { V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { defaultKubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import type { ResourceClient } from "../../../supervisor/client/types.ts";
import { ControlPlane } from "../../framework/control-plane.ts";
import { eventually } from "../../framework/eventually.ts";
import { guardedFolder } from "../../framework/guarded-folder.ts";
import { builtGuest, demoArchive } from "../../framework/machine-obstacle.ts";

/** Under emulation, beside other tests, a machine may take many times its usual second. */
const patienceMs = 60_000;

export interface MachineHostOptions {
  readonly machineClasses?: MachineClasses;
  readonly networkTools?: HostTools;
  readonly spawn?: SpawnProcess;
}

/** A host with real machines and images, and a control plane in the same process. */
export class MachineHost {
  readonly plane: ControlPlane;
  readonly pods: ResourceClient<V1Pod>;
  readonly dataDir = guardedFolder("host");
  readonly #options: MachineHostOptions;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #runtime: CrxRuntime | undefined;
  #streams: PodStreams | undefined;

  private constructor(plane: ControlPlane, options: MachineHostOptions) {
    this.plane = plane;
    this.#options = options;
    this.pods = plane.client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default");
  }

  static async start(options: MachineHostOptions = {}): Promise<MachineHost> {
    const host = new MachineHost(await ControlPlane.start(), options);
    await host.#images().importArchive(demoArchive, new AbortController().signal);
    await host.startDaemon();
    return host;
  }

  get runtime(): CrxRuntime {
    if (!this.#runtime) throw new Error("The daemon does not run");
    return this.#runtime;
  }

  get streams(): PodStreams {
    if (!this.#streams) throw new Error("The daemon does not run Pods yet");
    return this.#streams;
  }

  async startDaemon(): Promise<void> {
    const { dataDir, plane } = this;
    const { networkTools, spawn, machineClasses } = this.#options;
    const logger = new Logger("error");
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const guestImage = await unpackGuestImage(dataDir, builtGuest);
    const runtime = new CrxRuntime({ dataDir, guestImage, accel: "tcg", logger, ...(spawn && { spawn }) });
    this.#runtime = runtime;
    await runtime.recover(signal);
    this.#running = runSpherelet(
      {
        nodeName: "n1",
        address: "127.0.0.1",
        dataDir,
        networkMode: networkTools ? "auto" : "none",
        networkTools: networkTools ?? hostTools,
        client: plane.nodeClient("n1"),
        runtime,
        images: this.#images(),
        facts: await readNodeFacts(dataDir),
        // On a machine whose disk is nearly full each Pod would be evicted.
        settings: { ...defaultKubeletSettings, evictionHard: { "memory.available": "100Mi" } },
        ...(machineClasses && { machineClasses }),
        clock: systemClock,
        logger,
        serve: async ({ streams }) => {
          this.#streams = streams;
        },
      },
      signal,
    );
  }

  /** As SIGTERM does: the machines go on. */
  async stopDaemon(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#runtime?.close();
    this.#streams = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { id } of this.runtime.listPodSandboxes()) await this.runtime.removePodSandbox(id);
    await this.stopDaemon();
    await this.plane[Symbol.asyncDispose]();
    rmSync(this.dataDir, { recursive: true });
  }

  async createPod(name: string, spec: Partial<V1PodSpec> = {}): Promise<V1Pod> {
    const demo = { name: "demo", image: "pacific.local/demo:latest", imagePullPolicy: "IfNotPresent" };
    await eventually("the namespace's service account", patienceMs, async () =>
      this.plane.client
        .resource({ group: "", version: "v1", resource: "serviceaccounts" }, "default")
        .get("default")
        .catch(() => undefined),
    );
    return await this.pods.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: { terminationGracePeriodSeconds: 5, containers: [demo], ...spec },
    });
  }

  async untilPod(name: string, what: string, look: (pod: V1Pod) => boolean): Promise<V1Pod> {
    return await eventually(`Pod ${name}: ${what}`, patienceMs, async () => {
      const pod = await this.pods.get(name);
      return look(pod) ? pod : undefined;
    });
  }

  untilRunning(name: string): Promise<V1Pod> {
    return this.untilPod(name, "ready", ({ status }) =>
      (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
  }

  async untilGone(name: string): Promise<void> {
    await eventually(`Pod ${name} to be gone`, patienceMs, async () => {
      try {
        await this.pods.get(name);
        return false;
      } catch (error) {
        return isNotFound(error);
      }
    });
  }

  /** Waits until a container's log has this text; returns the whole log. */
  async untilLog(pod: V1Pod, text: string): Promise<string> {
    const id = pod.status?.containerStatuses?.[0]?.containerID ?? "";
    const path = this.streams.logFile(id)?.path ?? "";
    return await eventually(`"${text}" in the log`, patienceMs, () => {
      const log = readFileSync(path, "utf8");
      return log.includes(text) ? log : undefined;
    });
  }

  /** What a command in a Pod's only container prints. */
  async exec(name: string, command: readonly string[]): Promise<string> {
    const pod = await this.pods.get(name);
    const container = pod.spec?.containers[0]?.name ?? "";
    const options = { command, tty: false, stdin: false, stdout: true, stderr: false };
    const session = await this.streams.exec({ namespace: "default", pod: name, container }, options);
    const chunks: Buffer[] = [];
    for await (const chunk of session.stdout ?? []) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  #images(): ImageStore {
    return new ImageStore({ dataDir: join(this.dataDir, "images"), logger: new Logger("error") });
  }
}
