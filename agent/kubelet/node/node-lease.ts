import type { V1Lease } from "../../../supervisor/api/generated/types.ts";
import { isAlreadyExists, isConflict, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { microTimestamp } from "../../../supervisor/base/timestamp.ts";
import type { KubernetesClient, ResourceClient } from "../../../supervisor/client/types.ts";

const leasesResource = { group: "coordination.k8s.io", version: "v1", resource: "leases" };
const leaseNamespace = "kube-node-lease";

/** The kubelet's `nodeLeaseDurationSeconds`; it is renewed after a quarter of it. */
export const leaseDurationSeconds = 40;

/** The Lease by which the API server's controllers see that the node lives (kubelet `nodelease`). */
export class NodeLease {
  readonly #leases: ResourceClient<V1Lease>;
  readonly #clock: Clock;
  readonly #nodeName: string;
  #known: V1Lease | undefined;

  constructor(client: KubernetesClient, clock: Clock, nodeName: string) {
    this.#leases = client.resource<V1Lease>(leasesResource, leaseNamespace);
    this.#clock = clock;
    this.#nodeName = nodeName;
  }

  /** Renews the lease, or makes it. `nodeUid` makes it go with the Node. Throws what the client throws. */
  async renew(nodeUid: string | undefined): Promise<void> {
    try {
      this.#known = this.#known
        ? await this.#leases.update(this.#lease(nodeUid, this.#known))
        : await this.#make(nodeUid);
    } catch (error) {
      this.#known = undefined;
      if (!isConflict(error) && !isNotFound(error)) throw error;
      this.#known = await this.#make(nodeUid);
    }
  }

  async #make(nodeUid: string | undefined): Promise<V1Lease> {
    try {
      return await this.#leases.create(this.#lease(nodeUid, undefined));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return await this.#leases.update(this.#lease(nodeUid, await this.#leases.get(this.#nodeName)));
    }
  }

  #lease(nodeUid: string | undefined, known: V1Lease | undefined): V1Lease {
    const owner = { apiVersion: "v1", kind: "Node", name: this.#nodeName };
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        ...known?.metadata,
        name: this.#nodeName,
        namespace: leaseNamespace,
        ...(nodeUid && { ownerReferences: [{ ...owner, uid: nodeUid }] }),
      },
      spec: {
        ...known?.spec,
        holderIdentity: this.#nodeName,
        leaseDurationSeconds,
        renewTime: microTimestamp(this.#clock.now()),
      },
    };
  }
}
