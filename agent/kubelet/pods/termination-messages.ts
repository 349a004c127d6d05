import type { ContainerStatus, PodSandboxStatus } from "../../runtime/runtime.ts";
import { readLog } from "../../server/logs/read-log.ts";
import { terminationMessagePolicyAnnotation } from "../sandbox/pod-identity.ts";
import type { PodRuntimeState } from "./pod-runtime-state.ts";

/** How much of a log stands for a message: so many lines, and of those the last bytes (kubelet). */
const tailLines = 80;
const maxLogBytes = 2048;

/** Finds a container's log file. */
export type LogPathOf = (container: ContainerStatus, sandbox: PodSandboxStatus) => string;

/** What containers say of their end: the file that they wrote, or the end of their log where their Pod asks for that. */
export class TerminationMessages {
  readonly #logPathOf: LogPathOf;
  /** The ends of logs, by the Pod's uid and the container's id. */
  readonly #fromLogs = new Map<string, Map<string, string>>();

  constructor(logPathOf: LogPathOf) {
    this.#logPathOf = logPathOf;
  }

  /** Reads the logs of those that have ended since the last time; a log that cannot be read has nothing to say. */
  async gather(state: PodRuntimeState): Promise<void> {
    const known = this.#fromLogs.get(state.sandboxes[0]?.metadata.uid ?? "");
    for (const id of known?.keys() ?? []) {
      if (!state.containers.some((container) => container.id === id)) known?.delete(id);
    }
    for (const container of state.containers) {
      const sandbox = state.sandboxes.find(({ id }) => id === container.sandboxId);
      if (!needsLog(container) || !sandbox) continue;
      const ofPod = this.#fromLogs.get(sandbox.metadata.uid) ?? new Map<string, string>();
      this.#fromLogs.set(sandbox.metadata.uid, ofPod);
      if (ofPod.has(container.id)) continue;
      ofPod.set(container.id, await logTail(this.#logPathOf(container, sandbox)).catch(() => ""));
    }
  }

  /** The runtime's state with the messages as statuses show them (kubelet `getTerminationMessage`). */
  enrich(state: PodRuntimeState): PodRuntimeState {
    const fromLogs = this.#fromLogs.get(state.sandboxes[0]?.metadata.uid ?? "");
    const containers = state.containers.map((container) => {
      const own = container.terminationMessage ?? fromLogs?.get(container.id) ?? "";
      const message = [container.message, own].filter((text) => text).join(": ");
      return message ? { ...container, message } : container;
    });
    return { ...state, containers };
  }

  forget(uid: string): void {
    this.#fromLogs.delete(uid);
  }
}

function needsLog({ state, exitCode, terminationMessage, annotations }: ContainerStatus): boolean {
  const falls = annotations[terminationMessagePolicyAnnotation] === "FallbackToLogsOnError";
  return falls && state === "exited" && exitCode !== 0 && !terminationMessage;
}

async function logTail(path: string): Promise<string> {
  const options = { follow: false, previous: false, timestamps: false, tailLines };
  let tail: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  for await (const chunk of readLog(
    { path, ended: Promise.resolve() },
    options,
    new AbortController().signal,
  )) {
    tail = Buffer.concat([tail, chunk]).subarray(-maxLogBytes);
  }
  return tail.toString();
}
