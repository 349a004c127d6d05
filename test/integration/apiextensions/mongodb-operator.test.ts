/** The example of an operator as its users run it: a process of its own, over TLS, with a ServiceAccount's token. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { freePort } from "../../framework/free-port.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const example = join(import.meta.dir, "../../../examples/mongodb-operator");
const folder = mkdtempSync(join(tmpdir(), "pacific-mongodb-"));
const kubeconfig = join(folder, "kubeconfig.json");
const authority = join(folder, "ca.crt");
const namespace = "default";
const merge = "application/merge-patch+json";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** What the test looks at of any object. */
interface Found extends KubernetesObject {
  readonly spec?: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly status?: Record<string, unknown> & { readonly conditions?: readonly Condition[] };
}

let supervisor: TestSupervisor;
let operator: Bun.Subprocess;
let starts = 0;

function startOperator(): Bun.Subprocess {
  return Bun.spawn([process.execPath, join(example, "operator/main.ts")], {
    env: { ...process.env, KUBECONFIG: kubeconfig, NODE_EXTRA_CA_CERTS: authority },
    stdout: "ignore",
    stderr: Bun.file(join(folder, `operator-${starts++}.log`)),
  });
}

/** Writes the kubeconfig of the operator's ServiceAccount. */
async function writeKubeconfig(): Promise<void> {
  const path = "/api/v1/namespaces/mongodb-operator/serviceaccounts/mongodb-operator/token";
  const request = {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    spec: { expirationSeconds: 3600 },
  };
  const answer = await supervisor.admin.transport.fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const { status } = (await answer.json()) as { readonly status: { readonly token: string } };
  await Bun.write(authority, supervisor.caPem);
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "here" },
    clusters: [{ name: "here", cluster: { server: supervisor.url } }],
    users: [{ name: "operator", user: { token: status.token } }],
    contexts: [{ name: "here", context: { cluster: "here", user: "operator" } }],
  };
  await Bun.write(kubeconfig, JSON.stringify(config));
}

function resource(
  resource: string,
  group: string,
  version = "v1",
  inNamespace: string | undefined = namespace,
) {
  return supervisor.admin.resource<Found>({ group, version, resource }, inNamespace);
}

const databases = () => resource("mongodbs", "databases.example.com");
const statefulSets = () => resource("statefulsets", "apps");
const secrets = () => resource("secrets", "");

function documents(file: string): readonly Found[] {
  return parseAllDocuments(readFileSync(join(example, "manifests", file), "utf8")).map((document) =>
    document.toJS(),
  );
}

async function until<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> {
  return eventually(what, 30_000, () => check().catch(() => undefined));
}

/** What the StatefulSet's controller and its Pods would do. */
async function setReady(readyReplicas: number): Promise<void> {
  const { spec } = await statefulSets().get("shop");
  const status = { replicas: Number(spec?.replicas), readyReplicas };
  await statefulSets().patch("shop", { status }, merge, "status");
}

function untilReady(status: string, message: string): Promise<Found> {
  return until(`Ready is ${status}`, async () => {
    const found = await databases().get("shop");
    const ready = found.status?.conditions?.find(({ type }) => type === "Ready");
    return ready?.status === status && "message" in ready && ready.message === message ? found : undefined;
  });
}

const paths: Readonly<Record<string, readonly [group: string, resource: string]>> = {
  CustomResourceDefinition: ["apiextensions.k8s.io", "customresourcedefinitions"],
  Namespace: ["", "namespaces"],
  ServiceAccount: ["", "serviceaccounts"],
  ClusterRole: ["rbac.authorization.k8s.io", "clusterroles"],
  ClusterRoleBinding: ["rbac.authorization.k8s.io", "clusterrolebindings"],
};

beforeAll(async () => {
  supervisor = await startTestSupervisor({ port: await freePort() });
  for (const document of [...documents("crd.yaml"), ...documents("rbac.yaml")]) {
    const path = paths[document.kind ?? ""];
    if (path === undefined) throw new Error(`A manifest holds a ${document.kind}`);
    await resource(path[1], path[0], "v1", document.metadata?.namespace ?? "").create(document);
  }
  await writeKubeconfig();
  operator = startOperator();
});

afterAll(async () => {
  operator.kill();
  await operator.exited;
  await supervisor.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a MongoDB gets its objects, which it owns, and its status follows them", async () => {
  const [database] = documents("mongodb.yaml");
  const made = await until("the definition is served", () => databases().create(database ?? {}));
  const set = await until("the StatefulSet is there", () => statefulSets().get("shop"));
  expect(set.spec).toMatchObject({ replicas: 3, serviceName: "shop" });
  for (const [kind, name] of [
    ["secrets", "shop-connection"],
    ["configmaps", "shop-config"],
    ["services", "shop"],
  ] as const) {
    const { metadata } = await resource(kind, "").get(name);
    expect(metadata?.ownerReferences).toEqual([
      expect.objectContaining({ kind: "MongoDB", name: "shop", uid: made.metadata?.uid, controller: true }),
    ]);
  }
  await untilReady("False", "0 of 3 members are ready");
  await setReady(3);
  const { status, metadata } = await untilReady("True", "3 of 3 members are ready");
  expect(status).toMatchObject({
    phase: "Running",
    observedGeneration: 1,
    connectionSecret: "shop-connection",
  });
  expect(metadata?.finalizers).toEqual(["databases.example.com/disks"]);
});

test("what is changed while the operator is away is put right when it comes back, and the password stays", async () => {
  const before = (await secrets().get("shop-connection")).data;
  operator.kill("SIGKILL");
  await operator.exited;
  await statefulSets().patch("shop", { spec: { replicas: 1 } }, merge);
  await databases().patch("shop", { spec: { replicas: 5 } }, merge);
  await resource("configmaps", "").delete("shop-config");
  operator = startOperator();
  await until("the replicas are right", async () => (await statefulSets().get("shop")).spec?.replicas === 5);
  await until("the configuration is back", () => resource("configmaps", "").get("shop-config"));
  expect((await secrets().get("shop-connection")).data).toEqual(before);
  const { status } = await untilReady("False", "3 of 5 members are ready");
  expect(status).toMatchObject({ phase: "Pending", observedGeneration: 2 });
});

test("a restart of the supervisor is survived: the operator goes on where it was", async () => {
  const { dataDir, url } = supervisor;
  await supervisor.stop({ keepData: true });
  supervisor = await startTestSupervisor({ dataDir, port: Number(new URL(url).port) });
  expect(operator.exitCode).toBeNull();
  await setReady(5);
  await untilReady("True", "5 of 5 members are ready");
});

test("what cannot work is refused by the API itself", async () => {
  const patch = (spec: object) => databases().patch("shop", { spec }, merge);
  await expect(patch({ replicas: 4 })).rejects.toThrow(
    "an even number of members cannot always elect a primary",
  );
  await expect(patch({ storage: { size: "9Gi" } })).rejects.toThrow(
    "the storage of a replica set cannot be changed",
  );
  await expect(patch({ version: "new" })).rejects.toThrow("spec.version in body should match");
});

test("a deleted MongoDB waits until its disks are gone", async () => {
  const claims = resource("persistentvolumeclaims", "");
  const labels = { "app.kubernetes.io/name": "mongodb", "app.kubernetes.io/instance": "shop" };
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  await claims.create({ metadata: { name: "data-shop-0", labels }, spec } as Found);
  await databases().delete("shop");
  await until("the MongoDB is gone", async () => {
    const { items } = await databases().list();
    return items.length === 0;
  });
  const left = (await claims.list()).items.filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined,
  );
  expect(left).toEqual([]);
});
