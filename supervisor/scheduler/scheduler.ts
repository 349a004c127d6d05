import type { V1Binding, V1Node, V1Pod, V1PodCondition } from "../api/generated/types.ts";
import { isConflict, isNotFound } from "../apimachinery/errors.ts";
import type { Clock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";
import { timestamp } from "../base/timestamp.ts";
import { objectKey } from "../client/object-store.ts";
import { resources } from "../client/resources.ts";
import type { SharedInformers } from "../client/shared-informers.ts";
import type { EventRecorder, Informer, KubernetesClient } from "../client/types.ts";
import { waitForSync } from "../client/wait-for-sync.ts";
import { defaultProfile } from "./default-profile.ts";
import { placePod, unschedulableMessage } from "./framework.ts";
import { toPodInfo } from "./node-info.ts";
import { SchedulerCache } from "./scheduler-cache.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

/** The name that Pods get for `spec.schedulerName` by default. */
export const defaultSchedulerName = "default-scheduler";
/** After this many Pods in a row others of the process get their turn. */
const podsPerTurn = 16;

export interface SchedulerEnvironment {
  readonly client: KubernetesClient;
  readonly informers: SharedInformers;
  /** Of a source named {@link defaultSchedulerName}. */
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
}

/** Gives Pods a node and binds them to it. */
export class Scheduler {
  readonly #environment: SchedulerEnvironment;
  readonly #pods: Informer<V1Pod>;
  readonly #nodes: Informer<V1Node>;
  readonly #cache = new SchedulerCache();
  readonly #queue: SchedulingQueue;

  constructor(environment: SchedulerEnvironment) {
    this.#environment = environment;
    this.#pods = environment.informers.informer<V1Pod>(resources.pods);
    this.#nodes = environment.informers.informer<V1Node>(resources.nodes);
    this.#queue = new SchedulingQueue(environment.clock);
  }

  /** Schedules until the signal; resolves when it has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    // Nothing is placed before all nodes and all Pods on them are known.
    if (!(await waitForSync(signal, this.#nodes, this.#pods)) || signal.aborted) return;
    this.#followNodes();
    this.#followPods();
    signal.addEventListener("abort", () => this.#queue.close(), { once: true });
    for (let count = 1; ; count++) {
      const key = await this.#queue.next();
      if (key === undefined) return;
      this.#schedule(key);
      if (count % podsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #followNodes(): void {
    this.#nodes.addHandlers({
      onAdd: (node) => {
        this.#cache.setNode(node);
        this.#queue.retryAll();
      },
      onUpdate: (node, previous) => {
        this.#cache.setNode(node);
        if (isRelevantChange(node, previous)) this.#queue.retryAll();
      },
      onDelete: (node) => this.#cache.removeNode(node.metadata?.name ?? ""),
    });
  }

  #followPods(): void {
    this.#pods.addHandlers({
      onAdd: (pod) => this.#notePod(pod),
      onUpdate: (pod, previous) => {
        const wasPlaced = Boolean(previous.spec?.nodeName);
        if (wasPlaced || pod.spec?.nodeName || pod.metadata?.deletionTimestamp !== undefined)
          return this.#notePod(pod);
        // A change of the status alone, such as our own, does not make a Pod fit better.
        if (JSON.stringify(pod.spec) !== JSON.stringify(previous.spec)) this.#notePod(pod);
      },
      onDelete: (pod) => {
        const key = objectKey(pod);
        this.#queue.remove(key);
        this.#release(() => this.#cache.removePod(key), key);
      },
    });
  }

  #notePod(pod: V1Pod): void {
    const key = objectKey(pod);
    this.#release(() => this.#cache.setPod(pod), key);
    if (wantsNode(pod) && !this.#cache.isPlaced(key)) this.#queue.add(key, pod.spec?.priority ?? 0);
    else if (!this.#cache.isPlaced(key) || pod.spec?.nodeName) this.#queue.remove(key);
  }

  /** Makes a change that may take a Pod off its node; then others may fit there. */
  #release(change: () => void, key: string): void {
    const wasPlaced = this.#cache.isPlaced(key);
    change();
    if (wasPlaced && !this.#cache.isPlaced(key)) this.#queue.retryAll();
  }

  #schedule(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined || !wantsNode(pod) || this.#cache.isPlaced(key)) return;
    const info = toPodInfo(pod);
    const { random = Math.random } = this.#environment;
    const placement = placePod(defaultProfile, info, this.#cache.nodes(), random);
    if ("nodeName" in placement) {
      this.#cache.assume(info, placement.nodeName);
      void this.#bind(key, pod, placement.nodeName);
      return;
    }
    this.#queue.refuse(key);
    void this.#reportRefusal(pod, unschedulableMessage(placement.nodeCount, placement.reasons));
  }

  async #bind(key: string, pod: V1Pod, nodeName: string): Promise<void> {
    const { client, recorder, logger } = this.#environment;
    const { namespace = "", name = "", uid } = pod.metadata ?? {};
    const binding: V1Binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, ...(uid === undefined ? {} : { uid }) },
      target: { apiVersion: "v1", kind: "Node", name: nodeName },
    };
    try {
      await client.resource<V1Pod>(resources.pods, namespace).createSubresource(name, "binding", binding);
      recorder.event(pod, "Normal", "Scheduled", `Successfully assigned ${key} to ${nodeName}`);
    } catch (error) {
      this.#release(() => this.#cache.forget(key), key);
      if (isNotFound(error)) return;
      const cause = asError(error);
      logger.warn("Cannot bind a Pod, trying again", { pod: key, node: nodeName, error: cause });
      recorder.event(pod, "Warning", "FailedScheduling", `binding rejected: ${cause.message}`);
      this.#queue.retry(key);
    }
  }

  /** Says in the Pod's conditions and by an event that no node takes it, and why. */
  async #reportRefusal(pod: V1Pod, message: string): Promise<void> {
    const { client, recorder, clock, logger } = this.#environment;
    recorder.event(pod, "Warning", "FailedScheduling", message);
    const { namespace = "", name = "", uid, resourceVersion } = pod.metadata ?? {};
    const conditions = refusedConditions(pod, message, timestamp(clock.now()));
    if (conditions === undefined) return;
    const pods = client.resource<V1Pod>(resources.pods, namespace);
    const patch = { metadata: { uid, resourceVersion }, status: { conditions } };
    try {
      await pods.patch(name, patch, "application/merge-patch+json", "status");
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) {
        // Somebody else wrote first: try again on top of that, after a while.
        this.#queue.retry(objectKey(pod));
        return;
      }
      const cause = asError(error);
      logger.warn("Cannot say that a Pod is unschedulable", { pod: objectKey(pod), error: cause });
    }
  }
}

/** A refused Pod's conditions; undefined where they say so already. */
function refusedConditions(pod: V1Pod, message: string, now: string): readonly V1PodCondition[] | undefined {
  const current = pod.status?.conditions ?? [];
  const known = current.find((condition) => condition.type === "PodScheduled");
  const wasRefused = known?.status === "False";
  if (wasRefused && known.reason === "Unschedulable" && known.message === message) return undefined;
  const condition: V1PodCondition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    lastTransitionTime: (wasRefused && known.lastTransitionTime) || now,
  };
  return [...current.filter((one) => one.type !== "PodScheduled"), condition];
}

/** Whether a Pod waits for this scheduler to give it a node. */
function wantsNode(pod: V1Pod): boolean {
  const { nodeName, schedulerName = defaultSchedulerName, schedulingGates = [] } = pod.spec ?? {};
  const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  const isLeaving = pod.metadata?.deletionTimestamp !== undefined;
  return (
    !nodeName &&
    schedulerName === defaultSchedulerName &&
    schedulingGates.length === 0 &&
    !isOver &&
    !isLeaving
  );
}

/** Whether a Node changed in something that decides who fits on it; a heartbeat does not. */
function isRelevantChange(node: V1Node, previous: V1Node): boolean {
  return relevantPart(node) !== relevantPart(previous);
}

function relevantPart(node: V1Node): string {
  const conditions = node.status?.conditions?.map(({ type, status }) => [type, status]);
  const { taints, unschedulable } = node.spec ?? {};
  return JSON.stringify([node.metadata?.labels, taints, unschedulable, node.status?.allocatable, conditions]);
}
