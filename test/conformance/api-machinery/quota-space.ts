import type { V1ResourceQuota } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesList } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { ConformanceCluster } from "../support/cluster.ts";

export const dongle = "example.com/dongle";

const hard = {
  pods: "5",
  services: "10",
  "services.nodeports": "1",
  "services.loadbalancers": "1",
  replicationcontrollers: "10",
  resourcequotas: "1",
  cpu: "1",
  memory: "500Mi",
  configmaps: "10",
  secrets: "10",
  persistentvolumeclaims: "10",
  "requests.storage": "10Gi",
  "ephemeral-storage": "50Gi",
  "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "10",
  "gold.storageclass.storage.k8s.io/requests.storage": "10Gi",
  "count/replicasets.apps": "5",
  [`requests.${dongle}`]: "3",
};

/** A namespace and its quotas. */
export class QuotaSpace {
  readonly namespace: string;
  readonly #cluster: ConformanceCluster;

  private constructor(cluster: ConformanceCluster, namespace: string) {
    this.#cluster = cluster;
    this.namespace = namespace;
  }

  static async open(cluster: ConformanceCluster): Promise<QuotaSpace> {
    const space = new QuotaSpace(cluster, await cluster.namespace("quota"));
    const authority = `${space.path("configmaps")}/kube-root-ca.crt`;
    await eventually("the authority's certificate is there", 20_000, async () => {
      return (await cluster.api.call("GET", authority)).status === 200;
    });
    return space;
  }

  path(resource: string): string {
    const group = resource === "replicasets" ? "/apis/apps/v1" : "/api/v1";
    return `${group}/namespaces/${this.namespace}/${resource}`;
  }

  /** Makes a quota of about everything, with these limits changed. */
  async limit(name: string, changes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.limitOnly(name, { hard: { ...hard, ...changes } });
  }

  async limitOnly(name: string, spec: object): Promise<void> {
    await this.create("resourcequotas", { metadata: { name }, spec });
  }

  quota(name: string): Promise<V1ResourceQuota> {
    return this.#cluster.api.get<V1ResourceQuota>(`${this.path("resourcequotas")}/${name}`);
  }

  /** Waits until the quota has counted just this. */
  async uses(name: string, used: Readonly<Record<string, string>>): Promise<void> {
    let last = "";
    const check = async (): Promise<boolean> => {
      const found = (await this.quota(name)).status?.used ?? {};
      last = JSON.stringify(found);
      return Object.entries(used).every(([resource, amount]) => found[resource] === amount);
    };
    await eventually("it is counted", 20_000, check).catch((error: unknown) => {
      const text = `Quota ${name} counts ${last}, expected ${JSON.stringify(used)}`;
      throw new Error(text, { cause: error });
    });
  }

  async count(resource: string): Promise<number> {
    return (await this.#cluster.api.get<KubernetesList<object>>(this.path(resource))).items.length;
  }

  async create<T>(resource: string, object: object): Promise<T> {
    // The server answers with the kind that the path is of.
    return (await this.#cluster.api.create(this.path(resource), object)) as T;
  }

  /** Tries to create the object, which is refused; why. */
  async refused(resource: string, object: object): Promise<string> {
    const { status, text, body } = await this.#cluster.api.call("POST", this.path(resource), {
      body: object,
    });
    if (status !== 403) throw new Error(`Expected a refusal, got ${status}: ${text}`);
    return body.message;
  }

  async delete(resource: string, name: string): Promise<void> {
    await this.#cluster.api.delete(`${this.path(resource)}/${name}`, { gracePeriodSeconds: 0 });
  }

  pod(name: string, resources: object, spec: object = {}): object {
    const containers = [{ name: "pause", image: "pacific.local/pause", resources }];
    return { metadata: { name }, spec: { containers, ...spec } };
  }
}
