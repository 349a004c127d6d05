/** ServiceAccounts, their tokens, and what a namespace and a Pod get of them. */
import { expect } from "bun:test";
import type {
  V1ConfigMap,
  V1Pod,
  V1ServiceAccount,
  V1TokenReview,
} from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

function accountsOf(namespace: string): Collection<V1ServiceAccount> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/serviceaccounts`);
}

conformanceTest(
  "[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]",
  async () => {
    const { api } = cluster;
    const namespace = await cluster.namespace("tokens");
    const accounts = accountsOf(namespace);
    const { metadata } = await accounts.create({ metadata: { name: "robot" } });
    // A client in Go sends its empty request so: no audience and no time of expiry.
    const body = { spec: { audiences: null, expirationSeconds: null, boundObjectRef: null } };
    const answer = await api.call("POST", accounts.at("robot", "token"), { body });
    expect(answer.status).toBe(201);
    const { token } = answer.body.status;
    expect(token).toBeString();
    expect(token).not.toBe("");
    const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    const review = await api.create<V1TokenReview>(reviews, { spec: { token } });
    expect(review.status?.error).toBeUndefined();
    expect(review.status).toMatchObject({
      authenticated: true,
      user: { username: `system:serviceaccount:${namespace}:robot`, uid: metadata?.uid ?? "" },
    });
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
    expect(review.status?.user?.groups).toEqual(groups);
    const forged = await api.create<V1TokenReview>(reviews, { spec: { token: `${token.slice(0, -4)}AAAA` } });
    expect(forged.status?.authenticated ?? false).toBe(false);
  },
);

conformanceTest(
  "[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]",
  async () => {
    const namespace = await cluster.namespace("lifecycle");
    const accounts = accountsOf(namespace);
    const labelSelector = `test=${namespace}`;
    const created = await accounts.create({ metadata: { name: "robot", labels: { test: namespace } } });
    expect((await accounts.get("robot")).metadata?.uid).toBe(created.metadata?.uid ?? "");
    const watch = await accounts.watch({ labelSelector });
    await watch.until("ADDED", (account) => nameOf(account) === "robot");
    const patch = { automountServiceAccountToken: false };
    await accounts.patch("robot", patch, { kind: "strategic-merge-patch" });
    const seen = await watch.until("MODIFIED");
    expect(seen.object.automountServiceAccountToken).toBe(false);
    const everywhere = new Collection<V1ServiceAccount>(cluster.api, "/api/v1/serviceaccounts");
    expect(await everywhere.items({ labelSelector })).toMatchObject([
      { metadata: { name: "robot", namespace }, automountServiceAccountToken: false },
    ]);
    await accounts.deleteAll({});
    await watch.until("DELETED", (account) => nameOf(account) === "robot");
    watch.stop();
  },
);

conformanceTest("[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]", async () => {
  const accounts = accountsOf(await cluster.namespace("update"));
  const account = { metadata: { name: "robot" }, automountServiceAccountToken: false };
  expect(await accounts.create(account)).toMatchObject(account);
  const change = { automountServiceAccountToken: true };
  expect(await accounts.update("robot", (object) => ({ ...object, ...change }))).toMatchObject(change);
  expect(await accounts.get("robot")).toMatchObject(change);
});

conformanceTest(
  "[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]",
  async () => {
    const namespace = await cluster.namespace("automount");
    const accounts = accountsOf(namespace);
    await accounts.create({ metadata: { name: "mount" }, automountServiceAccountToken: true });
    await accounts.create({ metadata: { name: "nomount" }, automountServiceAccountToken: false });
    const pods = new Collection<V1Pod>(cluster.api, `/api/v1/namespaces/${namespace}/pods`);
    const hasToken = async (serviceAccountName: string, ofPod?: boolean): Promise<boolean> => {
      const choice = ofPod === undefined ? {} : { automountServiceAccountToken: ofPod };
      const containers = [{ name: "main", image: "busybox" }];
      const spec = { containers, serviceAccountName, restartPolicy: "Never", ...choice };
      const pod = await pods.create({ metadata: { generateName: "pod-" }, spec });
      const mounts = pod.spec?.containers.flatMap(({ volumeMounts = [] }) => volumeMounts) ?? [];
      return mounts.some(({ mountPath }) => mountPath === "/var/run/secrets/kubernetes.io/serviceaccount");
    };
    for (const [account, byAccount] of [
      ["default", true],
      ["mount", true],
      ["nomount", false],
    ] as const) {
      expect({ account, has: await hasToken(account) }).toEqual({ account, has: byAccount });
      // What the Pod says goes before what its account says.
      expect({ account, has: await hasToken(account, true) }).toEqual({ account, has: true });
      expect({ account, has: await hasToken(account, false) }).toEqual({ account, has: false });
    }
  },
);

conformanceTest(
  "[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]",
  async () => {
    const namespace = await cluster.namespace("root-ca");
    const maps = new Collection<V1ConfigMap>(cluster.api, `/api/v1/namespaces/${namespace}/configmaps`);
    const name = "kube-root-ca.crt";
    const published = (what: string): Promise<V1ConfigMap> =>
      eventually(what, 30_000, async () => {
        const found = (await maps.items()).find((map) => nameOf(map) === name);
        return (found?.data?.["ca.crt"] ?? "") === "" ? undefined : found;
      });
    const first = await published("the CA is published");
    expect(first.data?.["ca.crt"]).toStartWith("-----BEGIN CERTIFICATE-----");
    await maps.delete(name, { gracePeriodSeconds: 0 });
    const second = await published("the CA is published again");
    expect(second.metadata?.uid).not.toBe(first.metadata?.uid ?? "");
    expect(second.data).toEqual(first.data ?? {});
    const emptied = { metadata: { name }, data: { "ca.crt": "" } };
    await cluster.api.replace(maps.at(name), emptied);
    const third = await published("the CA is put back");
    expect(third.data).toEqual(first.data ?? {});
    expect(third.metadata?.uid).toBe(second.metadata?.uid ?? "");
  },
);
