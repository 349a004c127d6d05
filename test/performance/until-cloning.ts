import type { V1Node, V1Pod } from "../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import type { ResourceClient } from "../../supervisor/client/types.ts";
import type { Cluster } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";

/** Waits until the machines of these nodes are clones; returns the Pods of the namespace `default`. */
export async function untilCloning(
  cluster: Cluster,
  names: readonly string[],
): Promise<{ readonly pods: ResourceClient<V1Pod> }> {
  const { transport } = await loadKubeconfig(cluster.kubeconfig);
  const client = createClient(new HttpTransport({ ...transport, userAgent: "pacific-performance" }));
  const nodes = client.resource<V1Node>({ group: "", version: "v1", resource: "nodes" });
  for (const name of names) {
    await eventually(`machines of ${name} are cloned`, 60_000, async () =>
      (await nodes.get(name)).status?.conditions?.some(
        ({ type, status }) => type === "InstantClone" && status === "True",
      ),
    );
  }
  return { pods: client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default") };
}
