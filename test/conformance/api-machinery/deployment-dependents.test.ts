import { expect } from "bun:test";
import type { V1Deployment, V1ReplicaSet } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesList } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

interface Space {
  readonly deployment: string;
  sets(): Promise<readonly V1ReplicaSet[]>;
}

/** A namespace with a Deployment that has its ReplicaSet. */
async function open(): Promise<Space> {
  const group = `/apis/apps/v1/namespaces/${await cluster.namespace("deployments")}`;
  const labels = { app: "web" };
  const containers = [{ name: "pause", image: "pacific.local/pause" }];
  await cluster.api.create<V1Deployment>(`${group}/deployments`, {
    metadata: { name: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  const sets = async () =>
    (await cluster.api.get<KubernetesList<V1ReplicaSet>>(`${group}/replicasets`)).items;
  await eventually("the Deployment has its ReplicaSet", 30_000, async () => (await sets()).length === 1);
  return { deployment: `${group}/deployments/web`, sets };
}

conformanceTest(
  "[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]",
  async () => {
    const { deployment, sets } = await open();
    await cluster.api.delete(deployment, { propagationPolicy: "Background" });
    await cluster.api.gone(deployment);
    await eventually("no ReplicaSet is left", 30_000, async () => (await sets()).length === 0);
  },
);

conformanceTest(
  "[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]",
  async () => {
    const { deployment, sets } = await open();
    await cluster.api.delete(deployment, { propagationPolicy: "Orphan" });
    await cluster.api.gone(deployment);
    // What the collector would delete it deletes before what comes after.
    const other = await open();
    await cluster.api.delete(other.deployment, { propagationPolicy: "Background" });
    await eventually("the other's is gone", 30_000, async () => (await other.sets()).length === 0);
    const left = await sets();
    expect(left.map(({ metadata }) => metadata?.ownerReferences ?? [])).toEqual([[]]);
  },
);
