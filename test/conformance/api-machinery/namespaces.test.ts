import { expect } from "bun:test";
import type { V1Namespace, V1Service } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

conformanceTest(
  "[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]",
  async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace("patched")}`;
    const patch = { metadata: { labels: { testLabel: "testValue" } } };
    await cluster.api.patch<V1Namespace>(path, patch, "strategic-merge-patch");
    const { metadata } = await cluster.api.get<V1Namespace>(path);
    expect(metadata?.labels).toMatchObject({ testLabel: "testValue" });
  },
);

conformanceTest(
  "[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]",
  async () => {
    const name = await cluster.namespace("updated");
    const path = `/api/v1/namespaces/${name}`;
    const labelled = (found: V1Namespace): V1Namespace => {
      return {
        ...found,
        metadata: { ...found.metadata, labels: { ...found.metadata?.labels, [name]: "updated" } },
      };
    };
    const updated = await cluster.api.update<V1Namespace>(path, labelled);
    expect(updated.metadata?.labels).toEqual({ "kubernetes.io/metadata.name": name, [name]: "updated" });
    expect((await cluster.api.get<V1Namespace>(path)).metadata?.labels).toEqual(
      updated.metadata?.labels ?? {},
    );
  },
);

conformanceTest(
  "[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]",
  async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace("status")}/status`;
    expect((await cluster.api.get<V1Namespace>(path)).status?.phase).toBe("Active");
    const patched = { type: "StatusPatch", status: "True", reason: "Patched", message: "By a test" };
    const afterPatch = await cluster.api.patch<V1Namespace>(path, {
      metadata: { annotations: { patchedstatus: "true" } },
      status: { conditions: [patched] },
    });
    expect(afterPatch.metadata?.annotations).toMatchObject({ patchedstatus: "true" });
    expect(afterPatch.status?.conditions).toMatchObject([patched]);
    const updated = { type: "StatusUpdate", status: "True", reason: "Updated", message: "By a test" };
    const afterUpdate = await cluster.api.update<V1Namespace>(path, (found) => ({
      ...found,
      status: { ...found.status, conditions: [...(found.status?.conditions ?? []), updated] },
    }));
    expect(afterUpdate.status?.conditions).toMatchObject([patched, updated]);
    expect(afterUpdate.status?.phase).toBe("Active");
  },
);

conformanceTest(
  "[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]",
  async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace("finalized")}`;
    const own = "example.com/kept-by-a-test";
    const finalize = (change: (finalizers: readonly string[]) => readonly string[]): Promise<V1Namespace> =>
      eventually("nobody has written the Namespace in between", 20_000, async () => {
        const found = await cluster.api.get<V1Namespace>(path);
        const body = { ...found, spec: { finalizers: change(found.spec?.finalizers ?? []) } };
        const answer = await cluster.api.call("PUT", `${path}/finalize`, { body });
        if (answer.status !== 200 && answer.status !== 409) throw new Error(answer.text);
        return answer.status === 200 && (answer.body as V1Namespace); // It answers with what was sent.
      });
    const added = await finalize((finalizers) => [...finalizers, own]);
    expect(added.spec?.finalizers).toEqual(["kubernetes", own]);
    await cluster.api.delete(path);
    await eventually("only the own finalizer is left", 20_000, async () => {
      const { spec } = await cluster.api.get<V1Namespace>(path);
      return spec?.finalizers?.length === 1 && spec.finalizers[0] === own;
    });
    expect((await cluster.api.get<V1Namespace>(path)).status?.phase).toBe("Terminating");
    await finalize((finalizers) => finalizers.filter((finalizer) => finalizer !== own));
    await cluster.api.gone(path);
  },
);

conformanceTest(
  "[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]",
  async () => {
    const name = await cluster.namespace("deleted");
    const services = `/api/v1/namespaces/${name}/services`;
    await cluster.api.create<V1Service>(services, {
      metadata: { name: "test-service" },
      spec: { selector: { foo: "bar" }, ports: [{ port: 80, targetPort: 80 }] },
    });
    await cluster.api.delete(`/api/v1/namespaces/${name}`);
    await cluster.api.gone(`/api/v1/namespaces/${name}`);
    await cluster.api.create<V1Namespace>("/api/v1/namespaces", { metadata: { name } });
    expect((await cluster.api.call("GET", `${services}/test-service`)).status).toBe(404);
    expect((await cluster.api.get<{ items: unknown[] }>(services)).items).toEqual([]);
  },
);
