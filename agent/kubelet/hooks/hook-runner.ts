import type { V1Container, V1LifecycleHandler, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { httpFetch } from "../pod-access/http-fetch.ts";
import { httpGetOf } from "../pod-access/http-get.ts";
import type { PodDialer } from "../pod-access/pod-dialer.ts";
import { runInContainer } from "../pod-access/run-in-container.ts";
import { formatPod } from "../sandbox/pod-identity.ts";

export interface HookRunnerOptions {
  readonly runtime: Pick<Runtime, "exec" | "podSandboxStatus">;
  readonly dial: PodDialer;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** The container that a hook belongs to. */
export interface HookTarget {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly containerId: string;
  readonly sandboxId: string;
}

const userAgent = "kube-lifecycle/1.36";

/** Runs the hooks of containers (kubelet `lifecycle.handlerRunner`). They have no time limit of their own. */
export class HookRunner {
  readonly #options: HookRunnerOptions;

  constructor(options: HookRunnerOptions) {
    this.#options = options;
  }

  /** Resolves when the hook has done its work; rejects with the kubelet's text, or when the signal aborts. */
  async run(target: HookTarget, handler: V1LifecycleHandler, signal: AbortSignal): Promise<void> {
    const { exec, httpGet, sleep } = handler;
    if (exec) return await this.#exec(target, exec.command ?? [], signal);
    const of = `for Container ${JSON.stringify(target.container.name)} in Pod "${formatPod(target.pod)}" failed`;
    if (httpGet) {
      return await this.#get(target, httpGet, signal).catch((error: unknown) => {
        const text = `HTTP lifecycle hook (${httpGet.path ?? ""}) ${of} - error: ${messageOf(error)}`;
        throw new Error(text, { cause: error });
      });
    }
    if (sleep) {
      await clockSleep(this.#options.clock, sleep.seconds * 1000, signal);
      if (!signal.aborted) return;
      const why = "container terminated before sleep hook finished";
      throw new Error(`Sleep lifecycle hook (${sleep.seconds}) ${of} - error: ${why}`);
    }
    throw new Error(`Cannot run handler: invalid handler: ${JSON.stringify(handler)}`);
  }

  async #exec(target: HookTarget, command: readonly string[], signal: AbortSignal): Promise<void> {
    let output = "";
    let why: string;
    try {
      const result = await runInContainer(this.#options.runtime, target.containerId, command, signal);
      if (result.exitCode === 0) return;
      output = result.output;
      why = `command '${command.join(" ")}' exited with ${result.exitCode}: ${output}`;
    } catch (error) {
      why = messageOf(error);
    }
    const name = JSON.stringify(target.container.name);
    const of = `for Container ${name} in Pod "${formatPod(target.pod)}" failed`;
    throw new Error(
      `Exec lifecycle hook ([${command.join(" ")}]) ${of} - error: ${why}, message: ${JSON.stringify(output)}`,
    );
  }

  /** Any answer is a good one. A server that speaks HTTP where HTTPS was asked for is asked again in HTTP. */
  async #get(
    { pod, container, sandboxId }: HookTarget,
    action: NonNullable<V1LifecycleHandler["httpGet"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, dial, recorder } = this.#options;
    const sandbox = runtime.podSandboxStatus(sandboxId);
    if (sandbox?.state !== "ready") throw new Error("the Pod's machine is gone");
    const request = httpGetOf(action, container, sandbox, userAgent);
    try {
      await httpFetch(request, sandbox, dial, signal);
    } catch (error) {
      if (request.url.protocol !== "https:" || !isPlainHttp(error)) throw error;
      const headers = (action.httpHeaders ?? []).filter(({ name }) => name.toLowerCase() !== "authorization");
      const plain = { ...action, scheme: "HTTP", httpHeaders: headers };
      await httpFetch(httpGetOf(plain, container, sandbox, userAgent), sandbox, dial, signal);
      const text = `request to HTTPS lifecycle hook ${request.url.host} got HTTP response, retry with HTTP succeeded`;
      recorder.event(pod, "Warning", "LifecycleHTTPFallback", text);
    }
  }
}

/** What OpenSSL says of an answer in plain HTTP. */
function isPlainHttp(error: unknown): boolean {
  return /wrong version number|WRONG_VERSION_NUMBER|http request|HTTP_REQUEST/i.test(messageOf(error));
}
