import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { Lister } from "../../supervisor/client/types.ts";
import { type PodSandboxStatus, type Runtime, RuntimeError } from "../runtime/runtime.ts";
import type { ExecOptions, StreamSession } from "../runtime/stream-session.ts";
import type {
  ContainerLogFile,
  ContainerReference,
  PodReference,
  PodStreams,
} from "../server/pod-streams.ts";
import { hostAndPort, podDialer, targetHost } from "./pod-access/pod-dialer.ts";
import { latestInstance, podRuntimeState } from "./pods/pod-runtime-state.ts";
import { podIdentity } from "./sandbox/pod-identity.ts";
import { podLogDirectory } from "./sandbox/sandbox-config.ts";

const containerIdPrefix = "crx://";
/** As long as the API server waits for a Pod. */
const dialTimeoutMs = 30_000;

export interface SphereletStreamsOptions {
  readonly pods: Pick<Lister<V1Pod>, "get" | "list">;
  readonly runtime: Runtime;
  readonly logRoot: string;
  /** The Pod with the newest status that the host knows. */
  readonly newest: (pod: V1Pod) => V1Pod;
}

/** Leads the kubelet server from names of the API to sandboxes and containers of the runtime. */
export class SphereletStreams implements PodStreams {
  readonly #options: SphereletStreamsOptions;

  constructor(options: SphereletStreamsOptions) {
    this.#options = options;
  }

  pods(): readonly V1Pod[] {
    return this.#options.pods.list().map((pod) => this.#options.newest(pod));
  }

  async exec(reference: ContainerReference, options: ExecOptions): Promise<StreamSession> {
    return await this.#options.runtime.exec(this.#runningContainer(reference), options);
  }

  async attach(reference: ContainerReference, options: Omit<ExecOptions, "command">): Promise<StreamSession> {
    return await this.#options.runtime.attach(this.#runningContainer(reference), options);
  }

  async portForward(reference: PodReference, port: number): Promise<Duplex> {
    return await this.#options.runtime.portForward(this.#runningSandbox(reference).id, port);
  }

  async connect(reference: PodReference, port: number): Promise<Duplex> {
    const target = { sandbox: this.#runningSandbox(reference), port };
    const signal = AbortSignal.timeout(dialTimeoutMs);
    try {
      return await podDialer(this.#options.runtime)(target, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Error(`dial tcp ${hostAndPort(targetHost(target), port)}: i/o timeout`, { cause: error });
    }
  }

  logFile(containerId: string): ContainerLogFile | undefined {
    const { runtime, logRoot } = this.#options;
    const id = containerId.startsWith(containerIdPrefix)
      ? containerId.slice(containerIdPrefix.length)
      : containerId;
    const container = runtime.containerStatus(id);
    const sandbox = container && runtime.podSandboxStatus(container.sandboxId);
    if (!container || !sandbox) return undefined;
    const path = join(podLogDirectory(logRoot, sandbox.metadata), container.logPath);
    return { path, ended: this.#ended(id) };
  }

  /** Resolves when the container has ended, or is gone. */
  #ended(id: string): Promise<void> {
    const { runtime } = this.#options;
    const runs = (): boolean => {
      const state = runtime.containerStatus(id)?.state;
      return state === "running" || state === "created";
    };
    return new Promise((resolve) => {
      if (!runs()) return resolve();
      const unlisten = runtime.onEvent(() => {
        if (runs()) return;
        unlisten();
        resolve();
      });
    });
  }

  #uid({ namespace, pod }: PodReference): string {
    const found = this.#options.pods.get(`${namespace}/${pod}`);
    if (!found) throw notFound(`Pod ${namespace}/${pod} is not on this node`);
    return podIdentity(found).uid;
  }

  #runningSandbox(reference: PodReference): PodSandboxStatus {
    const sandbox = podRuntimeState(this.#options.runtime, this.#uid(reference)).sandboxes[0];
    if (sandbox?.state === "ready") return sandbox;
    throw notFound(`Pod ${reference.namespace}/${reference.pod} is not running`);
  }

  #runningContainer(reference: ContainerReference): string {
    const state = podRuntimeState(this.#options.runtime, this.#uid(reference));
    const instance = latestInstance(state, reference.container);
    if (instance?.state === "running") return instance.id;
    throw notFound(
      `Container ${reference.container} of Pod ${reference.namespace}/${reference.pod} is not running`,
    );
  }
}

function notFound(message: string): RuntimeError {
  return new RuntimeError("not-found", message);
}
