import { rmSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodNetwork } from "../../network/pod-network.ts";
import type { ContainerStatus, PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import { containerFieldPath, podIdentity } from "../sandbox/pod-identity.ts";
import { podLogDirectory, sandboxKey } from "../sandbox/sandbox-config.ts";
import { instancesOf, type PodRuntimeState, podRuntimeState } from "./pod-runtime-state.ts";

export interface PodKillerOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  /** Absent with `--network none`. */
  readonly network: PodNetwork | undefined;
  readonly logRoot: string;
}

/** Ends what runs of a Pod and removes what is left of it. Every step may be taken again. */
export class PodKiller {
  readonly #options: PodKillerOptions;
  /** Containers whose end has been told of. */
  readonly #toldOf = new Set<string>();

  constructor(options: PodKillerOptions) {
    this.#options = options;
  }

  /** Ends the running containers, each with the grace period; called again with a shorter one, it takes that. */
  async stopContainers(pod: V1Pod, gracePeriodSeconds: number): Promise<void> {
    const { containers } = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    const running = containers.filter(({ state }) => state === "running");
    await Promise.all(
      running.map((container) =>
        this.stopContainer(
          pod,
          container,
          gracePeriodSeconds,
          `Stopping container ${container.metadata.name}`,
        ),
      ),
    );
  }

  async stopContainer(
    pod: V1Pod,
    container: ContainerStatus,
    gracePeriodSeconds: number,
    message: string,
  ): Promise<void> {
    const { runtime, recorder } = this.#options;
    if (!this.#toldOf.has(container.id)) {
      this.#toldOf.add(container.id);
      recorder.event(pod, "Normal", "Killing", message, containerFieldPath(pod, container.metadata.name));
    }
    await runtime.stopContainer(container.id, gracePeriodSeconds * 1000);
  }

  /** Ends the Pod's machines and gives their network back; statuses and logs stay. */
  async stopSandboxes(uid: string): Promise<void> {
    for (const sandbox of podRuntimeState(this.#options.runtime, uid).sandboxes) await this.#stop(sandbox);
  }

  /** Removes all that the host keeps of the Pod. */
  async remove(identity: { namespace: string; name: string; uid: string }): Promise<void> {
    const { sandboxes, containers } = podRuntimeState(this.#options.runtime, identity.uid);
    for (const sandbox of sandboxes) {
      await this.#stop(sandbox);
      await this.#options.runtime.removePodSandbox(sandbox.id);
    }
    for (const { id } of containers) this.#toldOf.delete(id);
    rmSync(podLogDirectory(this.#options.logRoot, identity), { recursive: true, force: true });
  }

  /** Removes old instances: of each container the newest two stay, and of the machines those that hold them. */
  async collect(pod: V1Pod, state: PodRuntimeState): Promise<void> {
    const { runtime, logRoot } = this.#options;
    const names = new Set(state.containers.map(({ metadata }) => metadata.name));
    const kept = new Set<string>();
    for (const name of names) {
      for (const [age, container] of instancesOf(state, name).entries()) {
        if (age < 2) kept.add(container.sandboxId);
        else {
          await runtime.removeContainer(container.id);
          rmSync(join(podLogDirectory(logRoot, podIdentity(pod)), container.logPath), { force: true });
          this.#toldOf.delete(container.id);
        }
      }
    }
    for (const sandbox of state.sandboxes.slice(1)) {
      if (sandbox.state === "not-ready" && !kept.has(sandbox.id)) await runtime.removePodSandbox(sandbox.id);
    }
  }

  async #stop(sandbox: PodSandboxStatus): Promise<void> {
    if (sandbox.state === "ready") await this.#options.runtime.stopPodSandbox(sandbox.id);
    await this.#options.network?.detach(sandboxKey(sandbox.metadata.uid, sandbox.metadata.attempt));
  }
}
