import type { V1Deployment, V1Pod, V1ReplicaSet } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { selectorRequirements } from "../../apimachinery/label-selector.ts";
import { matchesLabels } from "../../apimachinery/labels.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import type { WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { claimObjects } from "../pod-control/claim-objects.ts";
import { controlledBy, orphansIn } from "../pod-control/controller-reference.ts";
import { isNamespaceEnding } from "../pod-control/pod-control.ts";
import { hasPodEnded } from "../pod-control/pod-state.ts";
import { DeploymentQueue } from "./deployment-queue.ts";
import { DeploymentWriter } from "./deployment-writer.ts";
import { deploymentKind } from "./new-replica-set.ts";
import { Rollout } from "./rollout.ts";

const workers = 5;
/** What was written meanwhile has come to the informers by then. */
const retryMs = 50;

/** Rolls out what Deployments want by ReplicaSets (kube-controller-manager's deployment controller). */
export class DeploymentController implements Controller {
  readonly name = "deployment-controller";
  readonly #environment: ControllerEnvironment;
  readonly #queue: DeploymentQueue;
  readonly #writer: DeploymentWriter;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#queue = new DeploymentQueue(environment);
    this.#writer = new DeploymentWriter(environment.client, environment.recorderFor(this.name));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { deployments, sets, pods, queue } = this.#queue;
    this.#queue.follow();
    if (!(await waitForSync(signal, deployments, sets, pods))) return;
    await queue.run(signal, workers, (key) => this.#sync(key));
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const deployment = this.#queue.deployments.get(key);
    if (deployment === undefined) return undefined;
    try {
      const rollout = new Rollout(deployment, await this.#claim(deployment), {
        writer: this.#writer,
        clock: this.#environment.clock,
        hasPods: ({ metadata }) => this.#podsOf(metadata?.uid ?? "").some((pod) => !hasPodEnded(pod)),
      });
      return await rollout.step();
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return { requeueAfterMs: retryMs };
      if (isNamespaceEnding(error)) return undefined;
      throw error;
    }
  }

  #podsOf(uid: string): readonly V1Pod[] {
    return controlledBy(this.#queue.pods, uid);
  }

  /** The Deployment's ReplicaSets, after adoption and release. */
  async #claim(deployment: V1Deployment): Promise<readonly V1ReplicaSet[]> {
    const { name = "", namespace = "", uid = "" } = deployment.metadata ?? {};
    const requirements = selectorRequirements(deployment.spec?.selector ?? {}) ?? [];
    const { sets } = this.#queue;
    return await claimObjects([...controlledBy(sets, uid), ...orphansIn(sets, namespace)], {
      owner: deployment,
      ownerKind: deploymentKind,
      kind: "ReplicaSet",
      matches: ({ metadata }) => matchesLabels(requirements, metadata?.labels),
      readOwner: () => this.#writer.deployments(deployment).get(name),
      client: this.#writer.sets(deployment),
    });
  }
}
