/** LimitRanges: what they are, and what they make of Pods. */
import { expect } from "bun:test";
import type { V1LimitRange, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

type Amounts = Readonly<Record<string, string>>;

const cluster = useCluster();

function amounts(cpu: string, memory: string, storage: string): Amounts {
  return { cpu, memory, "ephemeral-storage": storage };
}

const limits = {
  type: "Container",
  min: amounts("50m", "100Mi", "100Gi"),
  max: amounts("500m", "500Mi", "500Gi"),
  default: amounts("500m", "500Mi", "500Gi"),
  defaultRequest: amounts("100m", "200Mi", "200Gi"),
};
const lowerMin = amounts("9m", "49Mi", "49Gi");

function rangesOf(namespace: string): Collection<V1LimitRange> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/limitranges`);
}

function podWith(name: string, resources: object): V1Pod {
  return { metadata: { name }, spec: { containers: [{ name: "main", image: "busybox", resources }] } };
}

function resourcesOf(pod: V1Pod): unknown {
  return pod.spec?.containers[0]?.resources;
}

conformanceTest(
  "[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]",
  async () => {
    const namespace = await cluster.namespace("limits");
    const ranges = rangesOf(namespace);
    const pods = new Collection<V1Pod>(cluster.api, `/api/v1/namespaces/${namespace}/pods`);
    const watch = await ranges.stream({ labelSelector: `test=${namespace}` });
    await ranges.create({
      metadata: { name: "range", labels: { test: namespace } },
      spec: { limits: [limits] },
    });
    await watch.until("ADDED", (range) => nameOf(range) === "range");
    watch.stop();
    expect((await ranges.get("range")).spec?.limits).toEqual([limits]);

    const withDefaults = await pods.create(podWith("defaults", {}));
    expect(resourcesOf(withDefaults)).toEqual({
      limits: limits.default,
      requests: limits.defaultRequest,
    });
    expect(resourcesOf(await pods.get("defaults"))).toEqual(resourcesOf(withDefaults));
    // A limit without a request is the request too, before any default is.
    const partial = await pods.create(
      podWith("partial", {
        requests: { memory: "150Mi", "ephemeral-storage": "150Gi" },
        limits: { cpu: "300m" },
      }),
    );
    expect(resourcesOf(partial)).toEqual({
      requests: amounts("300m", "150Mi", "150Gi"),
      limits: amounts("300m", "500Mi", "500Gi"),
    });

    const small = podWith("small", { requests: amounts("10m", "50Mi", "50Gi") });
    const large = podWith("large", { requests: amounts("600m", "600Mi", "600Gi") });
    await expect(pods.create(small)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining("minimum cpu usage per Container is 50m, but request is 10m"),
    });
    await expect(pods.create(large)).rejects.toMatchObject({ code: 422 });
    const updated = await ranges.update("range", (range) => ({
      ...range,
      spec: { limits: [{ ...limits, min: lowerMin }] },
    }));
    expect(updated.spec?.limits[0]?.min).toEqual(lowerMin);
    await pods.create(small);
    await expect(pods.create(large)).rejects.toMatchObject({ code: 422 });
    // Only Pods are given time.
    await ranges.delete("range", { gracePeriodSeconds: 30 });
    expect(await ranges.statusOf("range")).toBe(404);
    await pods.create(large);
  },
);

conformanceTest(
  "[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]",
  async () => {
    const [first, second] = [await cluster.namespace("first"), await cluster.namespace("second")];
    const everywhere = new Collection<V1LimitRange>(cluster.api, "/api/v1/limitranges");
    const labelSelector = `test=${first}`;
    const labels = { test: first, stage: "created" };
    for (const namespace of [first, second]) {
      await rangesOf(namespace).create({ metadata: { name: "range", labels }, spec: { limits: [limits] } });
    }
    const placesOf = async (): Promise<(string | undefined)[]> =>
      (await everywhere.items({ labelSelector })).map(({ metadata }) => metadata?.namespace);
    expect(await placesOf()).toEqual([first, second]);
    const ranges = rangesOf(first);
    const patch = {
      metadata: { labels: { stage: "patched" } },
      spec: { limits: [{ ...limits, min: lowerMin }] },
    };
    const patched = await ranges.patch("range", patch, { kind: "strategic-merge-patch" });
    expect(patched.metadata?.labels).toEqual({ test: first, stage: "patched" });
    expect(patched.spec?.limits).toEqual(patch.spec.limits);
    await ranges.deleteAll({ labelSelector: "stage=patched" });
    expect(await ranges.items()).toEqual([]);
    expect(await placesOf()).toEqual([second]);
  },
);
