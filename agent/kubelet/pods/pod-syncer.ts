import type { V1Container, V1Pod, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";
import type { ContainerStarter } from "../containers/container-starter.ts";
import { fieldSupport } from "../field-support.ts";
import type { NodeFit } from "../node/node-fit.ts";
import type { ProbeManager } from "../probes/probe-manager.ts";
import type { PodResizer } from "../resize/pod-resizer.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { PodMemory } from "../sandbox/pod-memory.ts";
import { podLogDirectory } from "../sandbox/sandbox-config.ts";
import type { SandboxStarter } from "../sandbox/sandbox-starter.ts";
import { fieldProblemText, tellOfFields } from "../tell-of-fields.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";
import type { Eviction } from "./eviction.ts";
import { type PodActions, podActions } from "./pod-actions.ts";
import type { PodKiller } from "./pod-killer.ts";
import { podRuntimeState } from "./pod-runtime-state.ts";
import { podStatus } from "./pod-status.ts";
import type { StatusManager } from "./status-manager.ts";
import type { TerminationMessages } from "./termination-messages.ts";

/** After a failed step, as the kubelet's `backOffPeriod`. */
const retryMs = 10_000;
/** Failures that are shown for a while before the container is shown to wait for its next start. */
const freshReasons: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "RunContainerError",
  "PostStartHookError",
]);
/** How long a container shows why it failed before it shows that it waits. */
const failureShownMs = 3_000;

export interface PodSyncerOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly status: StatusManager;
  readonly starter: ContainerStarter;
  readonly killer: PodKiller;
  readonly probes: ProbeManager;
  readonly messages: TerminationMessages;
  readonly fit: NodeFit;
  readonly resizer: PodResizer;
  readonly sandboxes: SandboxStarter;
  readonly volumes: VolumeManager;
  readonly logRoot: string;
  readonly hostAddress: string;
}

export interface SyncResult {
  /** Nothing of the Pod is to run any more. */
  readonly ended: boolean;
  readonly retryAfterMs?: number;
}

/** Brings one Pod from what the runtime has to what its spec asks for, one step at a time (kubelet `SyncPod`). */
export class PodSyncer {
  readonly #options: PodSyncerOptions;
  readonly #memories = new Map<string, PodMemory>();

  constructor(options: PodSyncerOptions) {
    this.#options = options;
  }

  /** One step. Called again after a change of the Pod, an event of the runtime, and when its result says so. */
  async sync(known: V1Pod, signal: AbortSignal): Promise<SyncResult> {
    const pod = this.#options.status.newest(known);
    const memory = this.#memory(pod);
    await this.#gatherMessages(pod);
    const status = this.#report(pod, false);
    if (status.phase === "Succeeded" || status.phase === "Failed") return { ended: true };
    const { resizer } = this.#options;
    if (!this.#admit(resizer.allocated(pod, memory.resize), memory) || this.#overdue(pod, status, memory))
      return { ended: true };
    if (this.#refused(pod, memory)) {
      this.#report(pod, false);
      return { ended: false };
    }
    const allocated = resizer.allocate(pod, memory.resize);
    const resized = await resizer.actuate(allocated, memory.resize);
    const ok = (await this.#act(allocated, memory, signal)) && resized;
    if (signal.aborted) return { ended: false };
    resizer.settle(allocated, memory.resize);
    await this.#gatherMessages(pod);
    const after = this.#report(pod, false);
    if (after.phase === "Succeeded" || after.phase === "Failed") return { ended: true };
    const state = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    await this.#options.killer.collect(pod, state);
    const retryAfterMs = this.#retryAfterMs(pod, after, memory, ok);
    return { ended: false, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  /** The host ends the Pod: it says why, and fails. */
  giveUp(pod: V1Pod, { reason, message, isDisruption, isSilent }: Eviction): void {
    if (!isSilent) this.#options.recorder.event(pod, "Warning", reason, message);
    this.#memory(pod).failure = { reason, message, isDisruption };
  }

  /** Ends all that runs of the Pod, and says so in its status unless the API has no such Pod any more. */
  async terminate(pod: V1Pod, gracePeriodSeconds: number, gone: boolean): Promise<void> {
    const { killer, status, fit, probes } = this.#options;
    const { uid } = podIdentity(pod);
    if (!gone) this.#report(status.newest(pod), false);
    probes.stopLivenessAndStartup(uid);
    await killer.stop(pod, gracePeriodSeconds);
    fit.release(uid);
    if (gone) return;
    await this.#gatherMessages(pod);
    this.#report(status.newest(pod), true);
  }

  /** Reports the state of a Pod that is being ended. */
  refresh(pod: V1Pod): void {
    this.#report(this.#options.status.newest(pod), false);
  }

  /** Reports the Pod's last status once more and waits until the API has it. */
  async settle(pod: V1Pod): Promise<void> {
    const { status } = this.#options;
    await this.#gatherMessages(pod);
    this.#report(status.newest(pod), true);
    await status.flush(podIdentity(pod).uid);
  }

  forget(uid: string): void {
    this.#memories.delete(uid);
    this.#options.messages.forget(uid);
    this.#options.probes.forget(uid);
    this.#options.starter.forget(uid);
    this.#options.volumes.forget(uid);
    this.#options.status.forget(uid);
    this.#options.fit.release(uid);
  }

  #memory(pod: V1Pod): PodMemory {
    const { uid } = podIdentity(pod);
    const known = this.#memories.get(uid);
    if (known) return known;
    const made = new PodMemory();
    this.#memories.set(uid, made);
    return made;
  }

  #gatherMessages(pod: V1Pod): Promise<void> {
    const { runtime, messages } = this.#options;
    return messages.gather(podRuntimeState(runtime, podIdentity(pod).uid));
  }

  #report(pod: V1Pod, ended: boolean): V1PodStatus {
    const { runtime, clock, hostAddress, status, probes, messages } = this.#options;
    const memory = this.#memory(pod);
    const { uid } = podIdentity(pod);
    const state = podRuntimeState(runtime, uid);
    probes.sync(pod, state);
    const made = podStatus({
      pod,
      state: messages.enrich(state),
      waiting: memory.waiting,
      probesOf: (id) => probes.probes(uid, id),
      hostAddress,
      nowMs: clock.now(),
      ended,
      ...(memory.restartAll && { restartAll: memory.restartAll }),
      resize: memory.resize,
      ...(memory.failure && { failure: memory.failure }),
    });
    status.set(pod, made);
    return made;
  }

  /** Whether the node takes the Pod. One that runs already was taken before. */
  #admit(pod: V1Pod, memory: PodMemory): boolean {
    const { fit, runtime, recorder } = this.#options;
    if (podRuntimeState(runtime, podIdentity(pod).uid).sandboxes.length > 0) fit.include(pod);
    const rejection = fit.admit(pod);
    if (!rejection) return true;
    recorder.event(pod, "Warning", rejection.reason, rejection.message);
    memory.failure = { reason: rejection.reason, message: `Pod was rejected: ${rejection.message}` };
    return false;
  }

  #overdue(pod: V1Pod, status: V1PodStatus, memory: PodMemory): boolean {
    const remainingMs = this.#deadlineMs(pod, status);
    if (remainingMs === undefined || remainingMs > 0) return false;
    const message = "Pod was active on the node longer than the specified deadline";
    this.#options.recorder.event(pod, "Normal", "DeadlineExceeded", message);
    memory.failure = { reason: "DeadlineExceeded", message };
    return true;
  }

  #deadlineMs(pod: V1Pod, status: V1PodStatus): number | undefined {
    const seconds = pod.spec?.activeDeadlineSeconds;
    if (seconds === undefined || !status.startTime) return undefined;
    return Date.parse(status.startTime) + seconds * 1000 - this.#options.clock.now();
  }

  /** Tells once of fields that this host does not honour; whether the Pod must wait for one of them. */
  #refused(pod: V1Pod, memory: PodMemory): boolean {
    const support = fieldSupport(pod);
    if (!memory.toldOfFields) tellOfFields(this.#options.recorder, pod, support);
    memory.toldOfFields = true;
    const [first] = support.refused;
    if (!first) return false;
    for (const { name } of allContainers(pod)) {
      memory.waiting.set(name, { reason: "CreateContainerConfigError", message: fieldProblemText(first) });
    }
    return true;
  }

  /** Takes the steps that the runtime's state asks for; false where one failed. */
  async #act(pod: V1Pod, memory: PodMemory, signal: AbortSignal): Promise<boolean> {
    const { runtime, probes } = this.#options;
    const { uid } = podIdentity(pod);
    // What an earlier daemon began to start may run: only its machine knows.
    const { sandboxes } = podRuntimeState(runtime, uid);
    const takenOver = Promise.all(sandboxes.map(({ id }) => runtime.takenOver(id)));
    if (!(await unlessAborted(takenOver, signal))) return true;
    const plan = (): PodActions =>
      podActions(pod, podRuntimeState(runtime, uid), (id) => probes.probes(uid, id));
    const { restartAll } = plan();
    if (restartAll && !(await this.#restartAll(pod, restartAll, memory))) return false;
    const actions = plan();
    if (!(await unlessAborted(this.#kill(pod, actions), signal))) return true;
    if (actions.start.length === 0) return true;
    const sandbox = await this.#sandbox(pod, actions, signal);
    if (!sandbox) return false;
    const killed = new Set(actions.kill.map(({ instance }) => instance.id));
    let ok = true;
    for (const container of actions.start) {
      if (!(await this.#startContainer(pod, container, sandbox, memory, killed, signal))) ok = false;
      if (signal.aborted) break;
    }
    return ok;
  }

  /**
   * Ends and forgets all containers of the Pod, so that it begins anew in its machine. False while the one that caused
   * this waits for its back-off. The API knows what is going on before anything is forgotten.
   */
  async #restartAll(pod: V1Pod, cause: V1Container, memory: PodMemory): Promise<boolean> {
    const { starter, killer, status } = this.#options;
    try {
      if (memory.restartAll !== "under way") starter.holdBack(pod, cause);
    } catch (error) {
      if (!(error instanceof ContainerStartError)) throw error;
      memory.waiting.set(cause.name, { reason: error.reason, message: error.message });
      return false;
    }
    memory.restartAll = "under way";
    this.#report(pod, false);
    await killer.endContainers(pod);
    this.#report(status.newest(pod), false);
    await status.flush(podIdentity(pod).uid);
    await killer.removeContainers(pod, cause.name);
    memory.restartAll = "done";
    memory.waiting.clear();
    this.#report(status.newest(pod), false);
    return true;
  }

  async #kill(pod: V1Pod, { killPod, kill }: PodActions): Promise<void> {
    const { killer } = this.#options;
    if (killPod) await killer.stop(pod, pod.spec?.terminationGracePeriodSeconds ?? 30);
    await Promise.all(kill.map((each) => killer.kill(pod, each)));
  }

  /** The machine to start containers in, with the Pod's volumes: the present one, or a new one. */
  async #sandbox(
    pod: V1Pod,
    { createSandbox, sandboxId = "", attempt }: PodActions,
    signal: AbortSignal,
  ): Promise<PodSandboxStatus | undefined> {
    const { runtime, volumes } = this.#options;
    if (volumes.remainingMs(pod) > 0) return undefined;
    if (createSandbox) return await this.#newSandbox(pod, attempt, signal);
    const sandbox = runtime.podSandboxStatus(sandboxId);
    if (!sandbox || volumes.areIn(pod, sandboxId)) return sandbox;
    const gathered = await volumes.gather(pod);
    return gathered && (await volumes.write(pod, sandboxId, gathered)) ? sandbox : undefined;
  }

  /** The volumes are gathered while the machine boots; where they cannot be had, it does not. */
  async #newSandbox(pod: V1Pod, attempt: number, signal: AbortSignal): Promise<PodSandboxStatus | undefined> {
    const { sandboxes, volumes } = this.#options;
    const stop = new AbortController();
    const gathering = volumes.gather(pod).then((gathered) => {
      if (!gathered) stop.abort();
      return gathered;
    });
    if (volumes.hasFailed(pod) && !(await gathering)) return undefined;
    const sandbox = await sandboxes.start(pod, attempt, AbortSignal.any([signal, stop.signal]));
    const gathered = await gathering;
    if (!sandbox) return undefined;
    this.#report(pod, false);
    return gathered && (await volumes.write(pod, sandbox.id, gathered)) ? sandbox : undefined;
  }

  async #startContainer(
    pod: V1Pod,
    container: V1Container,
    sandbox: PodSandboxStatus,
    memory: PodMemory,
    killed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const logDirectory = podLogDirectory(this.#options.logRoot, podIdentity(pod));
    if (this.#shownMs(container, memory) > 0) return false;
    try {
      await this.#options.starter.start(pod, container, sandbox, logDirectory, killed, signal);
      memory.waiting.delete(container.name);
      return true;
    } catch (error) {
      if (!(error instanceof ContainerStartError)) {
        if (signal.aborted) return false;
        throw error;
      }
      memory.waiting.set(container.name, { reason: error.reason, message: error.message });
      if (freshReasons.has(error.reason)) {
        memory.shownUntilMs.set(container.name, this.#options.clock.steady() + failureShownMs);
      }
      this.#report(pod, false);
      return false;
    }
  }

  /** How long the container's failure is to be shown yet. */
  #shownMs({ name }: V1Container, { shownUntilMs }: PodMemory): number {
    return Math.max(0, (shownUntilMs.get(name) ?? 0) - this.#options.clock.steady());
  }

  /** When the Pod is to be looked at again though nothing happens: back-offs, failures and its deadline. */
  #retryAfterMs(pod: V1Pod, status: V1PodStatus, memory: PodMemory, ok: boolean): number | undefined {
    const deadlineMs = this.#deadlineMs(pod, status);
    const waits = deadlineMs === undefined ? [] : [deadlineMs];
    if (!ok) waits.push(this.#failureWaitMs(pod, memory));
    // Others may have given back what this Pod lacks.
    if (memory.resize.pending?.reason === "Deferred") waits.push(retryMs);
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  #failureWaitMs(pod: V1Pod, memory: PodMemory): number {
    const waits = allContainers(pod).flatMap((container) => {
      const why = memory.waiting.get(container.name);
      if (!why) return [];
      const shownMs = this.#shownMs(container, memory);
      return [shownMs || this.#options.starter.remainingMs(pod, container) || retryMs];
    });
    const volumesMs = this.#options.volumes.remainingMs(pod);
    if (volumesMs > 0) waits.push(volumesMs);
    return waits.length > 0 ? Math.min(...waits) : retryMs;
  }
}

function allContainers(pod: V1Pod): readonly V1Container[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** Waits for what goes on by itself; false when the signal came first. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const aborted = Promise.withResolvers<void>();
  const stop = (): void => aborted.resolve();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return !signal.aborted;
}
