import type { V1ContainerImage, V1Node, V1NodeStatus } from "../../../supervisor/api/generated/types.ts";
import { isAlreadyExists, isConflict } from "../../../supervisor/apimachinery/errors.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { Backoff } from "../../../supervisor/client/backoff.ts";
import type { KubernetesClient, ResourceClient } from "../../../supervisor/client/types.ts";
import type { PressureCondition } from "../eviction/thresholds.ts";
import { type NodeHealth, nodeConditions } from "./node-conditions.ts";
import { leaseDurationSeconds, NodeLease } from "./node-lease.ts";
import { type NodeIdentity, newNode, nodeLabels, nodeStatus } from "./node-object.ts";
import { NodeTransitions } from "./node-transitions.ts";

/** Between two looks at the node; the lease is renewed each time. */
const tickMs = (leaseDurationSeconds * 1000) / 4;
/** An unchanged status is sent again after this (kubelet `nodeStatusReportFrequency`). */
const reportMs = 5 * 60 * 1000;
/** The kubelet's `nodeStatusUpdateRetry`. */
const maxAttempts = 5;

export interface NodeAgentOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: NodeIdentity;
  readonly accelerator: NodeHealth["accelerator"];
  readonly isolation: NodeHealth["isolation"];
  readonly startMode: () => NodeHealth["startMode"];
  readonly pressure: () => ReadonlySet<PressureCondition>;
  /** Why the node is not ready though Pods could run. */
  readonly notReady?: () => string | undefined;
  /** Records an event of the Node. */
  readonly tell: (type: "Normal" | "Warning", reason: string, message: string) => void;
  readonly images: () => Promise<V1ContainerImage[]>;
}

/** The node's side of the API: registers the Node, keeps its status true and its Lease fresh, by one timer. */
export class NodeAgent {
  readonly #options: NodeAgentOptions;
  readonly #nodes: ResourceClient<V1Node>;
  readonly #lease: NodeLease;
  readonly #transitions = new NodeTransitions();
  #uid: string | undefined;
  #notReady: string | undefined = "the host is starting";
  #reported: { readonly text: string; readonly atMs: number } | undefined;
  #dirty = false;
  #wake: (() => void) | undefined;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    this.#nodes = options.client.resource<V1Node>({ group: "", version: "v1", resource: "nodes" });
    this.#lease = new NodeLease(options.client, options.clock, options.identity.name);
  }

  /** Says that Pods can run, or why not, and reports it at once. */
  setReady(notReady: string | undefined): void {
    this.#notReady = notReady;
    this.look();
  }

  /** Something of the node changed: it is reported at once. */
  look(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  /** Creates the Node, or takes over the one of this name; tries until the signal, and tells of each try that failed. */
  async register(signal: AbortSignal, onFailure?: () => void): Promise<void> {
    const { clock, logger, identity } = this.#options;
    const backoff = new Backoff({ initialMs: 200, maxMs: 7000 });
    while (!signal.aborted) {
      try {
        const node = await this.#createOrAdopt();
        this.#uid = node.metadata?.uid;
        logger.info("Node is registered", { node: identity.name });
        return;
      } catch (error) {
        logger.warn("Cannot register the node, trying again", { node: identity.name, error: asError(error) });
        onFailure?.();
        await clockSleep(clock, backoff.next(), signal);
      }
    }
  }

  /** Renews and reports until the signal. A status that could not be sent is sent at the next tick. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, tell } = this.#options;
    tell("Normal", "Starting", "Starting kubelet.");
    tell("Normal", "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
    while (!signal.aborted) {
      this.#dirty = false;
      const results = await Promise.allSettled([this.#lease.renew(this.#uid), this.#report()]);
      for (const result of results) {
        if (result.status === "rejected" && !signal.aborted) {
          logger.warn("Cannot report the node, trying again", { error: asError(result.reason) });
        }
      }
      await this.#pause(signal);
    }
  }

  async #createOrAdopt(): Promise<V1Node> {
    const { identity } = this.#options;
    try {
      return await this.#nodes.create(newNode(identity, await this.#status([])));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const labels = nodeLabels(identity);
    return await this.#nodes.patch(identity.name, { metadata: { labels } }, "application/merge-patch+json");
  }

  /** Sends the status when something in it changed but for the heartbeat, and once in a while anyhow. */
  async #report(): Promise<void> {
    const { clock } = this.#options;
    const text = fingerprint(await this.#status([]));
    const { text: last, atMs = 0 } = this.#reported ?? {};
    if (text === last && clock.steady() - atMs < reportMs) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send();
        break;
      } catch (error) {
        // Somebody else wrote meanwhile (labels, taints, the Pod range): once more with what it is now.
        if (!isConflict(error) || attempt === maxAttempts) throw error;
      }
    }
    this.#reported = { text, atMs: clock.steady() };
  }

  /** Sends the whole status for the very version that it was made from, so that the conditions of others stay. */
  async #send(): Promise<void> {
    const { name } = this.#options.identity;
    const node = await this.#nodes.get(name);
    const { uid, resourceVersion } = node.metadata ?? {};
    this.#uid = uid;
    const status = await this.#status(node.status?.conditions ?? []);
    const patch = { metadata: { uid, resourceVersion }, status };
    await this.#nodes.patch(name, patch, "application/merge-patch+json", "status");
    this.#tellOfChanges(node, status);
  }

  #tellOfChanges(before: V1Node, { conditions = [], nodeInfo }: V1NodeStatus): void {
    const { tell, identity } = this.#options;
    const { name } = identity;
    const bootId = before.status?.nodeInfo?.bootID;
    if (bootId && nodeInfo && bootId !== nodeInfo.bootID) {
      tell("Warning", "Rebooted", `Node ${name} has been rebooted, boot id: ${nodeInfo.bootID}`);
    }
    for (const reason of this.#transitions.reasons(conditions)) {
      tell("Normal", reason, `Node ${name} status is now: ${reason}`);
    }
  }

  async #status(conditions: Parameters<typeof nodeConditions>[1]): Promise<V1NodeStatus> {
    const { identity, clock, accelerator, startMode, isolation, pressure, images } = this.#options;
    const health = {
      notReady: this.#notReady ?? this.#options.notReady?.(),
      pressure: pressure(),
      accelerator,
      startMode: startMode(),
      isolation,
    };
    return {
      ...nodeStatus(identity),
      conditions: nodeConditions(health, conditions, clock.now()),
      images: await images(),
    };
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        signal.removeEventListener("abort", finish);
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(tickMs, finish);
      signal.addEventListener("abort", finish, { once: true });
      this.#wake = finish;
      if (signal.aborted || this.#dirty) finish();
    });
  }
}

/** The status without its times. */
function fingerprint({ conditions = [], ...rest }: V1NodeStatus): string {
  return JSON.stringify([
    rest,
    conditions.map(({ type, status, reason, message }) => [type, status, reason, message]),
  ]);
}
