import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

conformanceTest(
  "[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]",
  async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace("circle")}/pods`;
    const names = ["pod1", "pod2", "pod3"];
    const uids: string[] = [];
    for (const name of names) {
      const spec = { containers: [{ name: "pause", image: "pacific.local/pause" }] };
      const pod = await cluster.api.create<V1Pod>(path, { metadata: { name }, spec });
      uids.push(pod.metadata?.uid ?? "");
    }
    // Each is owned by the one before it, and the first by the last.
    for (const [index, name] of names.entries()) {
      const owner = (index + names.length - 1) % names.length;
      const reference = { apiVersion: "v1", kind: "Pod", name: names[owner], uid: uids[owner] };
      const ownerReferences = [{ ...reference, controller: true, blockOwnerDeletion: true }];
      await cluster.api.patch<V1Pod>(`${path}/${name}`, { metadata: { ownerReferences } });
    }
    await cluster.api.delete(`${path}/pod1`, {
      gracePeriodSeconds: 0,
      propagationPolicy: "Foreground",
      preconditions: { uid: uids[0] ?? "" },
    });
    for (const name of names) await cluster.api.gone(`${path}/${name}`, 50_000);
  },
);
