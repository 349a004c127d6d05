import type { V1Deployment, V1DeploymentStatus, V1ReplicaSet } from "../../api/generated/types.ts";
import type { Clock } from "../../base/clock.ts";
import type { WorkResult } from "../../client/work-queue.ts";
import { wantedReplicas } from "../replica-set/replica-kind.ts";
import { deadlineMs, findCondition, makeCondition, withCondition } from "./deployment-conditions.ts";
import { allSets, deploymentStatus, isComplete, isSameStatus } from "./deployment-status.ts";
import type { DeploymentWriter } from "./deployment-writer.ts";
import { findNewSet, NewReplicaSet } from "./new-replica-set.ts";
import {
  activeSets,
  compareAges,
  findActiveOrLatest,
  isRolling,
  isSaturated,
  maxUnavailable,
  nextNewSize,
  proportionalSizes,
  totalAvailable,
  totalWanted,
} from "./replica-counts.ts";
import { desiredReplicasOf, revisionOf } from "./revision-annotations.ts";
import { nextProgressCheckMs, rolloutStatus, timedOutReason } from "./rollout-progress.ts";

export interface RolloutOptions {
  readonly writer: DeploymentWriter;
  readonly clock: Clock;
  /** Whether a set still has Pods that have not ended, those that are being deleted too. */
  readonly hasPods: (set: V1ReplicaSet) => boolean;
}

/** One step of one Deployment towards what it wants; changes that come of it bring the next one. */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #renewal: NewReplicaSet;
  /** As they are after what was written. */
  #deployment: V1Deployment;
  #newSet: V1ReplicaSet | undefined;
  #oldSets: readonly V1ReplicaSet[];

  constructor(deployment: V1Deployment, sets: readonly V1ReplicaSet[], options: RolloutOptions) {
    this.#options = options;
    this.#renewal = new NewReplicaSet(options.writer, options.clock);
    this.#deployment = deployment;
    this.#newSet = findNewSet(deployment, sets);
    this.#oldSets = sets.filter((set) => set !== this.#newSet).sort(compareAges);
  }

  /** Throws what the API server refuses, as a conflict where the informers lag behind. */
  async step(): Promise<WorkResult | undefined> {
    const isEnding = this.#deployment.metadata?.deletionTimestamp !== undefined;
    if (!isEnding) await this.#notePause();
    await this.#renew();
    const { paused = false } = this.#deployment.spec ?? {};
    if (isEnding || paused || this.#isScaled()) {
      if (!isEnding) await this.#resize();
      if (paused && !isEnding) await this.#cleanUp();
      await this.#writeStatus(deploymentStatus(this.#deployment, this.#sets, this.#nowMs));
      return undefined;
    }
    await (isRolling(this.#deployment) ? this.#roll() : this.#recreate());
    await this.#writeStatus(rolloutStatus(this.#deployment, this.#sets, this.#nowMs));
    const nextMs = nextProgressCheckMs(this.#deployment, this.#nowMs);
    return nextMs === undefined ? undefined : { requeueAfterMs: nextMs };
  }

  get #sets() {
    return { newSet: this.#newSet, oldSets: this.#oldSets };
  }

  get #nowMs(): number {
    return this.#options.clock.now();
  }

  /** So that the time of a pause does not count as one without progress. */
  async #notePause(): Promise<void> {
    const { spec, status = {} } = this.#deployment;
    const { paused = false } = spec ?? {};
    const current = findCondition(status.conditions, "Progressing");
    if (deadlineMs(this.#deployment) === undefined || current?.reason === timedOutReason) return;
    if (paused === (current?.reason === "DeploymentPaused")) return;
    const [reason, message] = paused
      ? ["DeploymentPaused", "Deployment is paused"]
      : ["DeploymentResumed", "Deployment is resumed"];
    const condition = makeCondition("Progressing", "Unknown", reason, message, this.#nowMs);
    await this.#writeStatus({ ...status, conditions: withCondition(status.conditions ?? [], condition) });
  }

  async #renew(): Promise<void> {
    if (this.#newSet === undefined) return;
    const { deployment, newSet } = await this.#renewal.renew(this.#deployment, this.#newSet, this.#oldSets);
    this.#deployment = deployment;
    this.#newSet = newSet;
  }

  async #makeNewSet(): Promise<void> {
    const { deployment, newSet } = await this.#renewal.create(this.#deployment, this.#oldSets);
    this.#deployment = deployment;
    this.#newSet = newSet;
  }

  /** Whether the Deployment wants another number of Pods than when its sets got their sizes. */
  #isScaled(): boolean {
    const wanted = wantedReplicas(this.#deployment);
    return activeSets(allSets(this.#sets)).some((set) => (desiredReplicasOf(set) ?? wanted) !== wanted);
  }

  async #resize(): Promise<void> {
    const deployment = this.#deployment;
    const only = findActiveOrLatest(this.#newSet, this.#oldSets);
    if (only !== undefined) {
      await this.#scale(only, wantedReplicas(deployment));
    } else if (isSaturated(deployment, this.#newSet)) {
      for (const set of activeSets(this.#oldSets)) await this.#scale(set, 0);
    } else if (isRolling(deployment)) {
      // All of them, also those of the same size: they note what the Deployment wants now.
      for (const { set, size } of proportionalSizes(deployment, activeSets(allSets(this.#sets)))) {
        this.#replace(set, await this.#options.writer.scale(deployment, set, size));
      }
    }
  }

  async #roll(): Promise<void> {
    if (this.#newSet === undefined) await this.#makeNewSet();
    if (this.#newSet === undefined) return;
    const wanted = wantedReplicas(this.#deployment);
    const current = wantedReplicas(this.#newSet);
    const size = current >= wanted ? wanted : nextNewSize(this.#deployment, this.#oldSets, current);
    if (await this.#scale(this.#newSet, size)) return;
    if (await this.#shrinkOld(this.#newSet)) return;
    await this.#cleanUpIfComplete();
  }

  /** Takes from the old sets first what is not available anyway, then what may be missing. */
  async #shrinkOld(newSet: V1ReplicaSet): Promise<boolean> {
    const minAvailable = wantedReplicas(this.#deployment) - maxUnavailable(this.#deployment);
    const newUnavailable = wantedReplicas(newSet) - (newSet.status?.availableReplicas ?? 0);
    const spare = totalWanted(allSets(this.#sets)) - minAvailable - newUnavailable;
    if (spare <= 0) return false;
    const unhealthy = await this.#shrink(spare, (set) => {
      return wantedReplicas(set) - (set.status?.availableReplicas ?? 0);
    });
    const available = totalAvailable([...activeSets(this.#oldSets), newSet]) - minAvailable;
    const healthy = await this.#shrink(available, wantedReplicas);
    return unhealthy + healthy > 0;
  }

  /** Takes so many Pods from the old sets, the oldest first, from each as many as it can spare; returns how many. */
  async #shrink(count: number, canSpare: (set: V1ReplicaSet) => number): Promise<number> {
    let left = count;
    for (const set of activeSets(this.#oldSets)) {
      const part = Math.min(left, canSpare(set));
      if (part <= 0) continue;
      await this.#scale(set, wantedReplicas(set) - part);
      left -= part;
    }
    return Math.max(0, count) - Math.max(0, left);
  }

  /** All old Pods go, and are gone, before new ones come. */
  async #recreate(): Promise<void> {
    const active = activeSets(this.#oldSets);
    for (const set of active) await this.#scale(set, 0);
    if (active.length > 0) return;
    const isBusy = (set: V1ReplicaSet) => (set.status?.replicas ?? 0) > 0 || this.#options.hasPods(set);
    if (this.#oldSets.some(isBusy)) return;
    if (this.#newSet === undefined) await this.#makeNewSet();
    if (this.#newSet === undefined) return;
    await this.#scale(this.#newSet, wantedReplicas(this.#deployment));
    await this.#cleanUpIfComplete();
  }

  /** Returns whether the set had another size. */
  async #scale(set: V1ReplicaSet, size: number): Promise<boolean> {
    if (wantedReplicas(set) === size) return false;
    this.#replace(set, await this.#options.writer.scale(this.#deployment, set, size));
    return true;
  }

  #replace(before: V1ReplicaSet, now: V1ReplicaSet): void {
    if (this.#newSet === before) this.#newSet = now;
    else this.#oldSets = this.#oldSets.map((set) => (set === before ? now : set));
  }

  async #cleanUpIfComplete(): Promise<void> {
    if (isComplete(this.#deployment, this.#deployment.status ?? {})) await this.#cleanUp();
  }

  /** Deletes the oldest revisions beyond those that are to be kept. */
  async #cleanUp(): Promise<void> {
    const kept = this.#deployment.spec?.revisionHistoryLimit ?? Number.POSITIVE_INFINITY;
    const candidates = this.#oldSets.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const surplus = candidates.length - kept;
    if (surplus <= 0) return;
    const byRevision = candidates.sort((left, right) => {
      return revisionOf(left) - revisionOf(right) || compareAges(left, right);
    });
    for (const set of byRevision.slice(0, surplus)) {
      const { replicas = 0, observedGeneration = 0 } = set.status ?? {};
      const isObserved = (set.metadata?.generation ?? 0) <= observedGeneration;
      if (replicas === 0 && wantedReplicas(set) === 0 && isObserved) {
        await this.#options.writer.deleteSet(this.#deployment, set);
      }
    }
  }

  async #writeStatus(status: V1DeploymentStatus): Promise<void> {
    if (isSameStatus(this.#deployment.status, status)) return;
    this.#deployment = await this.#options.writer.writeStatus(this.#deployment, status);
  }
}
