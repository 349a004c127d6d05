import { expect } from "bun:test";
import type {
  V1Pod,
  V1PodList,
  V1ReplicationController,
  V1ResourceQuota,
  V1Scale,
} from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

function controller(name: string, replicas: number): V1ReplicationController {
  const containers = [{ name: "pause", image: "pacific.local/pause" }];
  const spec = { terminationGracePeriodSeconds: 0, containers };
  return { metadata: { name }, spec: { replicas, template: { metadata: { labels: { name } }, spec } } };
}

/** The paths of a new namespace's ReplicationControllers and Pods. */
async function paths(prefix: string) {
  const namespace = `/api/v1/namespaces/${await cluster.namespace(prefix)}`;
  return { namespace, controllers: `${namespace}/replicationcontrollers`, pods: `${namespace}/pods` };
}

/** Waits until the controller has seen its object as it is now, and says what is wanted; returns the object. */
async function observed(
  path: string,
  what: string,
  isWanted: (found: V1ReplicationController) => boolean,
): Promise<V1ReplicationController> {
  const { metadata } = await cluster.api.get<V1ReplicationController>(path);
  const generation = metadata?.generation ?? 0;
  return await eventually(`${path} ${what}`, 50_000, async () => {
    const found = await cluster.api.get<V1ReplicationController>(path);
    return (found.status?.observedGeneration ?? 0) >= generation && isWanted(found) ? found : undefined;
  });
}

function failureOf({ status }: V1ReplicationController) {
  return status?.conditions?.find(({ type }) => type === "ReplicaFailure");
}

conformanceTest(
  "[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]",
  async () => {
    const { namespace, controllers, pods } = await paths("condition");
    const name = "condition-test";
    const path = `${controllers}/${name}`;
    const quotas = `${namespace}/resourcequotas`;
    await cluster.api.create<V1ResourceQuota>(quotas, { metadata: { name }, spec: { hard: { pods: "2" } } });
    await eventually("the quota is counted", 50_000, async () => {
      const { status } = await cluster.api.get<V1ResourceQuota>(`${quotas}/${name}`);
      return status?.hard?.pods === "2";
    });
    await cluster.api.create(controllers, controller(name, 3));
    const failed = await observed(path, "has failed", (found) => failureOf(found) !== undefined);
    expect(failureOf(failed)).toMatchObject({ status: "True", reason: "FailedCreate" });
    await cluster.api.update<V1ReplicationController>(path, (found) => ({
      ...found,
      spec: { ...found.spec, replicas: 2 },
    }));
    await observed(path, "fails no more", (found) => failureOf(found) === undefined);
    expect((await cluster.api.get<V1PodList>(pods)).items).toHaveLength(2);
  },
);

conformanceTest(
  "[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]",
  async () => {
    const { controllers } = await paths("scale");
    const name = "e2e-rc";
    const path = `${controllers}/${name}`;
    await cluster.api.create(controllers, controller(name, 1));
    await observed(path, "has one Pod", ({ status }) => status?.replicas === 1);
    const scale = await cluster.api.get<V1Scale>(`${path}/scale`);
    expect(scale.status?.replicas).toBe(1);
    const { resourceVersion: _any, ...metadata } = scale.metadata ?? {};
    await cluster.api.replace<V1Scale>(`${path}/scale`, { ...scale, metadata, spec: { replicas: 2 } });
    await observed(path, "has two Pods", ({ status }) => status?.replicas === 2);
  },
);

conformanceTest(
  "[sig-apps] ReplicationController should release no longer matching pods [Conformance]",
  async () => {
    const { controllers, pods } = await paths("release");
    const name = "pod-release";
    const made = controller(name, 1);
    const selecting = { ...made, spec: { ...made.spec, selector: { name } } };
    const created = await cluster.api.create<V1ReplicationController>(controllers, selecting);
    const pod = await eventually("the Pod is there", 50_000, async () => {
      return (await cluster.api.get<V1PodList>(`${pods}?labelSelector=name%3D${name}`)).items[0];
    });
    const path = `${pods}/${pod.metadata?.name}`;
    await cluster.api.update<V1Pod>(path, (found) => ({
      ...found,
      metadata: { ...found.metadata, labels: { name: "not-matching-name" } },
    }));
    await eventually("the Pod is released", 50_000, async () => {
      const { metadata } = await cluster.api.get<V1Pod>(path);
      return !metadata?.ownerReferences?.some(({ uid }) => uid === created.metadata?.uid);
    });
  },
);
