import type { V1Container, V1Pod, V1Probe } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { timeoutSignal } from "../../../supervisor/base/timeout-signal.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import { containerPort } from "../pod-access/container-port.ts";
import { httpGetOf } from "../pod-access/http-get.ts";
import type { PodDialer } from "../pod-access/pod-dialer.ts";
import { containerFieldPath, formatPod } from "../sandbox/pod-identity.ts";
import { execProbe } from "./exec-probe.ts";
import { grpcProbe } from "./grpc-probe.ts";
import { httpProbe } from "./http-probe.ts";
import { type ProbeKind, probeTitles } from "./probe-kind.ts";
import { deadlineExceeded, type ProbeOutcome } from "./probe-outcome.ts";
import type { ProbeVerdict } from "./probe-threshold.ts";
import { tcpProbe } from "./tcp-probe.ts";

export interface ProbeRunnerOptions {
  readonly runtime: Pick<Runtime, "exec" | "podSandboxStatus" | "takenOver">;
  readonly dial: PodDialer;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** One run of a probe: what it is aimed at. */
export interface ProbeRun {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly containerId: string;
  readonly sandboxId: string;
  readonly kind: ProbeKind;
  readonly probe: V1Probe;
}

/** How often a probe that could not be run is tried (kubelet `maxProbeRetries`). */
const maxTries = 3;
const userAgent = "kube-probe/1.36";

/** Runs probes and tells of what they find by the kubelet's events. */
export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
  }

  /** Undefined where the probe could not be run, or the signal aborted: that says nothing about the container. */
  async run(run: ProbeRun, signal: AbortSignal): Promise<ProbeVerdict | undefined> {
    const title = probeTitles[run.kind];
    let outcome: ProbeOutcome;
    try {
      outcome = await this.#try(run, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#tell(
        run,
        "Unhealthy",
        `${title} probe errored and resulted in unknown state: ${messageOf(error)}`,
      );
      return undefined;
    }
    if (signal.aborted) return undefined;
    if (outcome.result === "failure")
      this.#tell(run, "Unhealthy", `${title} probe failed: ${outcome.output}`);
    if (outcome.result === "warning")
      this.#tell(run, "ProbeWarning", `${title} probe warning: ${outcome.output}`);
    return outcome.result === "failure" ? "failure" : "success";
  }

  async #try(run: ProbeRun, signal: AbortSignal): Promise<ProbeOutcome> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(run, signal);
      } catch (error) {
        if (tries >= maxTries || signal.aborted) throw error;
      }
    }
  }

  async #once(run: ProbeRun, signal: AbortSignal): Promise<ProbeOutcome> {
    const { runtime } = this.#options;
    // A container says nothing of its health while this daemon has not found its machine again.
    await runtime.takenOver(run.sandboxId);
    signal.throwIfAborted();
    const sandbox = runtime.podSandboxStatus(run.sandboxId);
    if (sandbox?.state !== "ready") throw new Error("the Pod's machine is gone");
    const timeoutMs = (run.probe.timeoutSeconds ?? 1) * 1000;
    const limit = timeoutSignal(this.#options.clock, timeoutMs, () => new Error(deadlineExceeded), signal);
    try {
      return await this.#probe(run, sandbox, limit.signal);
    } finally {
      limit.stop();
    }
  }

  async #probe(run: ProbeRun, sandbox: PodSandboxStatus, signal: AbortSignal): Promise<ProbeOutcome> {
    const { runtime, dial } = this.#options;
    const { pod, container, containerId, probe } = run;
    const { timeoutSeconds = 1, exec, httpGet, tcpSocket, grpc } = probe;
    if (exec) return await execProbe(runtime, containerId, container, exec, timeoutSeconds, signal);
    if (httpGet) {
      return await httpProbe(httpGetOf(httpGet, container, sandbox, userAgent), sandbox, dial, signal);
    }
    if (tcpSocket) {
      const target = { sandbox, host: tcpSocket.host ?? "", port: containerPort(tcpSocket.port, container) };
      return await tcpProbe(target, dial, signal);
    }
    if (grpc) {
      const target = { sandbox, port: grpc.port };
      return await grpcProbe(target, grpc.service ?? "", dial, timeoutSeconds, userAgent, signal);
    }
    throw new Error(`missing probe handler for ${formatPod(pod)}:${container.name}`);
  }

  #tell({ pod, container }: ProbeRun, reason: string, message: string): void {
    const fieldPath = containerFieldPath(pod, container.name);
    this.#options.recorder.event(pod, "Warning", reason, message, fieldPath);
  }
}
