import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { Image } from "../../images/image-service.ts";
import type { PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import type { HookRunner } from "../hooks/hook-runner.ts";
import type { ImagePuller } from "../images/image-puller.ts";
import type { PodWorkMetrics } from "../metrics/pod-work-metrics.ts";
import type { BackOff } from "../pods/back-off.ts";
import type { PodKiller } from "../pods/pod-killer.ts";
import { latestInstance, podRuntimeState, restartCount } from "../pods/pod-runtime-state.ts";
import { kernelHostname } from "../sandbox/pod-hostname.ts";
import { containerFieldPath, formatPod, podIdentity } from "../sandbox/pod-identity.ts";
import type { SeccompFilters } from "../seccomp/seccomp-filters.ts";
import { imageVolumesOf, pullImageVolumes } from "../volumes/image-volumes.ts";
import { prepareSubPaths } from "../volumes/prepare-sub-paths.ts";
import { containerConfig } from "./container-config.ts";
import { type ContainerErrorReason, ContainerStartError } from "./container-start-error.ts";
import type { DownwardContext } from "./downward-values.ts";
import { type ConfigSource, makeEnvironment } from "./environment.ts";
import { targetContainer } from "./target-container.ts";

export interface ContainerStarterOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly backOff: BackOff;
  readonly config: ConfigSource;
  /** The variables of Services for the Pod's containers; resolves when the Services are known. */
  readonly services: (pod: V1Pod) => Promise<ReadonlyMap<string, string>>;
  readonly puller: ImagePuller;
  readonly seccomp: SeccompFilters;
  readonly nodeName: string;
  readonly nodeMemoryBytes: number;
  readonly hooks: Pick<HookRunner, "run">;
  readonly killer: Pick<PodKiller, "kill">;
  readonly metrics: Pick<PodWorkMetrics, "containerStarts" | "containerFailed">;
  /** What the node adds to a Pod's own values. */
  readonly node: () => Omit<DownwardContext, "podAddresses">;
}

interface ContainerImages {
  readonly image: Image;
  readonly imageVolumes: ReadonlyMap<string, string>;
}

/** Brings one container from its spec to a running process, with the events that a kubelet records on the way. */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;
  /** Instances whose back-off has been told of. */
  readonly #toldOf = new Set<string>();

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the container runs and its postStart hook has ended. `killed` are the instances that were ended to be
   * restarted now: those do not wait for their back-off. Throws {@link ContainerStartError}, which says why the
   * container waits.
   */
  async start(
    pod: V1Pod,
    container: V1Container,
    sandbox: PodSandboxStatus,
    logDirectory: string,
    killed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    this.holdBack(pod, container, killed);
    const { metrics } = this.#options;
    metrics.containerStarts(pod, container);
    try {
      await this.#start(pod, container, sandbox, logDirectory, signal);
    } catch (error) {
      if (error instanceof ContainerStartError) metrics.containerFailed(pod, container, error.reason);
      throw error;
    }
  }

  async #start(
    pod: V1Pod,
    container: V1Container,
    sandbox: PodSandboxStatus,
    logDirectory: string,
    signal: AbortSignal,
  ): Promise<void> {
    const images = await this.#images(pod, container, signal);
    signal.throwIfAborted();
    const id = await this.#create(pod, container, images, sandbox, logDirectory);
    this.#event(pod, container, "Normal", "Created", "Container created");
    try {
      await this.#options.runtime.startContainer(id);
    } catch (error) {
      throw this.#failed(pod, container, "RunContainerError", error);
    }
    this.#event(pod, container, "Normal", "Started", "Container started");
    await this.#postStart(pod, container, id, signal);
  }

  /** A container whose hook fails is killed (kubelet `startContainer`, step 4). */
  async #postStart(pod: V1Pod, container: V1Container, id: string, signal: AbortSignal): Promise<void> {
    const { hooks, killer, runtime } = this.#options;
    const hook = container.lifecycle?.postStart;
    const instance = runtime.containerStatus(id);
    if (!hook || !instance) return;
    try {
      const target = { pod, container, containerId: id, sandboxId: instance.sandboxId };
      await hooks.run(target, hook, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#event(pod, container, "Warning", "FailedPostStartHook", "PostStartHook failed");
      await killer.kill(pod, { instance, container, message: "FailedPostStartHook" });
      throw new ContainerStartError("PostStartHookError", messageOf(error), { cause: error });
    }
  }

  /** How long the container is to wait yet before it may start again. */
  remainingMs(pod: V1Pod, container: V1Container): number {
    const finishedMs = this.#lastEnd(pod, container)?.finishedMs;
    const restart =
      finishedMs === undefined
        ? 0
        : this.#options.backOff.remainingSince(restartKey(pod, container), finishedMs);
    const images = [container, ...imageVolumesOf(pod, container).map(({ asContainer }) => asContainer)];
    return Math.max(restart, ...images.map((image) => this.#options.puller.remainingMs(pod, image)));
  }

  forget(uid: string): void {
    this.#options.backOff.forget(`${uid}_`);
    this.#options.puller.forget(uid);
    for (const key of this.#toldOf) if (key.startsWith(`${uid}_`)) this.#toldOf.delete(key);
  }

  /**
   * A container that has ended waits for its back-off before it starts again (kubelet `doBackOff`). Throws
   * {@link ContainerStartError} while it does.
   */
  holdBack(pod: V1Pod, container: V1Container, killed: ReadonlySet<string> = new Set()): void {
    const last = this.#lastEnd(pod, container, killed);
    if (!last) return;
    const { backOff } = this.#options;
    const key = restartKey(pod, container);
    if (backOff.remainingSince(key, last.finishedMs) === 0) {
      backOff.next(key, last.finishedMs);
      return;
    }
    const told = `${key}_${last.id}`;
    if (!this.#toldOf.has(told)) {
      this.#toldOf.add(told);
      const text = `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`;
      this.#event(pod, container, "Warning", "BackOff", text);
    }
    const delay = goSeconds(backOff.delayMs(key) / 1000);
    throw new ContainerStartError(
      "CrashLoopBackOff",
      `back-off ${delay} restarting failed container=${container.name} pod=${formatPod(pod)}`,
    );
  }

  #lastEnd(
    pod: V1Pod,
    container: V1Container,
    killed: ReadonlySet<string> = new Set(),
  ): { id: string; finishedMs: number } | undefined {
    const state = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    const ended = state.containers.find(
      ({ id, metadata, state: is }) => metadata.name === container.name && is === "exited" && !killed.has(id),
    );
    return ended && { id: ended.id, finishedMs: (ended.finishedAt ?? ended.createdAt).getTime() };
  }

  async #images(pod: V1Pod, container: V1Container, signal: AbortSignal): Promise<ContainerImages> {
    const { puller } = this.#options;
    try {
      const imageVolumes = await pullImageVolumes(puller, pod, container, signal);
      return { image: await puller.ensureImage(pod, container, signal), imageVolumes };
    } catch (error) {
      if (error instanceof ContainerStartError) {
        this.#event(pod, container, "Warning", "Failed", `Error: ${error.reason}`);
      }
      throw error;
    }
  }

  async #create(
    pod: V1Pod,
    container: V1Container,
    images: ContainerImages,
    sandbox: PodSandboxStatus,
    logDirectory: string,
  ): Promise<string> {
    const { runtime, config, node, services, seccomp, nodeName, nodeMemoryBytes } = this.#options;
    const { uid } = podIdentity(pod);
    try {
      const seccompFilter = seccomp.filterOf(pod, container);
      const { hostAddress } = node();
      const podAddress = pod.spec?.hostNetwork ? hostAddress : sandbox.address;
      const context = { ...node(), podAddresses: podAddress ? [podAddress] : [] };
      const source = {
        ...config,
        volumeFile: (volume: string, path: string) => runtime.readVolumeFile(sandbox.id, volume, path),
      };
      const environment = await makeEnvironment(pod, container, context, source, await services(pod));
      const state = podRuntimeState(runtime, uid);
      const target = targetContainer(pod, container, state);
      const last = latestInstance(state, container.name);
      const made = containerConfig({
        pod,
        container,
        ...images,
        restartCount: last
          ? restartCount(last) + 1
          : Math.max(nextByStatus(pod, container), nextByLogs(join(logDirectory, container.name))),
        hostname: kernelHostname(pod, nodeName),
        nodeMemoryBytes,
        ...(seccompFilter && { seccompFilter }),
        ...(target && { target }),
        environment,
      });
      if (last?.state === "created") await runtime.removeContainer(last.id);
      mkdirSync(dirname(join(logDirectory, made.logPath)), { recursive: true });
      await prepareSubPaths(runtime, sandbox.id, container.name, made.mounts);
      return await runtime.createContainer(sandbox.id, made);
    } catch (error) {
      throw this.#failed(pod, container, "CreateContainerError", error);
    }
  }

  /** Records the failure and gives it the reason that the status shows. */
  #failed(
    pod: V1Pod,
    container: V1Container,
    reason: ContainerErrorReason,
    error: unknown,
  ): ContainerStartError {
    const message = messageOf(error);
    this.#event(pod, container, "Warning", "Failed", `Error: ${message}`);
    return error instanceof ContainerStartError
      ? error
      : new ContainerStartError(reason, message, { cause: error });
  }

  #event(
    pod: V1Pod,
    container: V1Container,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): void {
    this.#options.recorder.event(pod, type, reason, message, containerFieldPath(pod, container.name));
  }
}

/** The next instance's number where the API knows of one that the runtime has forgotten. */
function nextByStatus({ status }: V1Pod, { name }: V1Container): number {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const known = all.find((one) => one.name === name);
  return known?.containerID ? known.restartCount + 1 : 0;
}

/** The next instance's number where the runtime has forgotten the last: logs are never written over. */
function nextByLogs(directory: string): number {
  if (!existsSync(directory)) return 0;
  const numbers = readdirSync(directory).map((file) => Number.parseInt(file, 10));
  return Math.max(-1, ...numbers.filter(Number.isInteger)) + 1;
}

function restartKey(pod: V1Pod, container: V1Container): string {
  return `${podIdentity(pod).uid}_${container.name}`;
}

/** As Go prints whole seconds: `10s`, `1m20s`, `5m0s`. */
function goSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
