import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import type { PeerSubject } from "../../base/http/connection-info.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const person = (commonName: string, ...organizations: string[]): PeerSubject => ({
  commonName,
  organizations,
});

async function status(method: string, path: string, as: PeerSubject, body?: unknown): Promise<number> {
  return (await server.call(method, path, { as, ...(body === undefined ? {} : { body }) })).status;
}

async function create(path: string, body: unknown): Promise<void> {
  expect((await server.call("POST", path, { body })).status).toBe(201);
}

function binding(name: string, role: string, subject: object) {
  const roleRef = { apiGroup, kind: role.startsWith("r-") ? "Role" : "ClusterRole", name: role };
  return { metadata: { name }, roleRef, subjects: [subject] };
}

const user = (name: string) => ({ kind: "User", apiGroup, name });

async function forbidden(method: string, path: string, as: PeerSubject, body?: unknown): Promise<string> {
  const answer = await server.call(method, path, { as, ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBe(403);
  return answer.body.message;
}

test("a binding gives rights in its namespace from the moment of its answer, and takes them when it goes", async () => {
  const ann = person("ann");
  const rules = [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
    { apiGroups: [""], resources: ["secrets"], resourceNames: ["one"], verbs: ["get"] },
    { apiGroups: [""], resources: ["*/log"], verbs: ["get"] },
  ];
  await create(`${rbac}/namespaces/default/roles`, { metadata: { name: "r-reader" }, rules });
  await create(`${rbac}/namespaces/default/rolebindings`, binding("ann", "r-reader", user("ann")));
  const core = "/api/v1/namespaces";
  expect(await status("GET", `${core}/default/configmaps`, ann)).toBe(200);
  expect(await status("GET", `${core}/kube-public/configmaps`, ann)).toBe(403);
  expect(await status("GET", "/api/v1/configmaps", ann)).toBe(403);
  expect(await status("GET", `${core}/default/secrets/one`, ann)).toBe(404);
  expect(await status("GET", `${core}/default/secrets/two`, ann)).toBe(403);
  expect(await status("GET", `${core}/default/secrets`, ann)).toBe(403);
  expect(await status("GET", `${core}/default/secrets?fieldSelector=metadata.name%3Done`, ann)).toBe(403);
  expect(await status("GET", `${core}/default/pods/x/log`, ann)).toBe(503);
  expect(
    await status("DELETE", `${rbac}/namespaces/default/rolebindings/ann`, person("x", "system:masters")),
  ).toBe(200);
  expect(await status("GET", `${core}/default/configmaps`, ann)).toBe(403);
});

test("groups and ServiceAccounts are bound as users are, and paths are matched to their star", async () => {
  const rules = [{ nonResourceURLs: ["/metrics/*", "/logs"], verbs: ["get"] }];
  await create(`${rbac}/clusterroles`, { metadata: { name: "paths" }, rules });
  const group = { kind: "Group", apiGroup, name: "watchers" };
  await create(`${rbac}/clusterrolebindings`, binding("paths", "paths", group));
  expect(await status("GET", "/logs", person("bob", "watchers"))).toBe(404);
  expect(await status("GET", "/metrics/cadvisor", person("bob", "watchers"))).toBe(404);
  expect(await status("GET", "/logs", person("bob"))).toBe(403);
  const account = { kind: "ServiceAccount", name: "builder", namespace: "default" };
  await create(`${rbac}/clusterrolebindings`, binding("builder", "view", account));
  await server.call("PATCH", `${rbac}/clusterroles/view`, {
    body: { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(await status("GET", "/api/v1/pods", person("system:serviceaccount:default:builder"))).toBe(200);
  expect(await status("GET", "/api/v1/pods", person("system:serviceaccount:other:builder"))).toBe(403);
});

test("a missing role is named in the refusal", async () => {
  await create(`${rbac}/clusterrolebindings`, binding("ghost", "ghost", user("carl")));
  expect(await forbidden("GET", "/api/v1/nodes", person("carl"))).toBe(
    'nodes is forbidden: User "carl" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "ghost" not found',
  );
});

test("nobody gives more than he has", async () => {
  const dora = person("dora");
  const rules = [
    { apiGroups: [apiGroup], resources: ["roles", "rolebindings", "clusterroles"], verbs: ["create"] },
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
  ];
  await create(`${rbac}/clusterroles`, { metadata: { name: "granter" }, rules });
  await create(`${rbac}/clusterrolebindings`, binding("dora", "granter", user("dora")));
  const roles = `${rbac}/namespaces/default/roles`;
  const role = (resource: string, verbs: readonly string[]) => ({
    metadata: { name: `r-${resource}` },
    rules: [{ apiGroups: [""], resources: [resource], verbs }],
  });
  expect(await status("POST", roles, dora, role("configmaps", ["get"]))).toBe(201);
  expect(await forbidden("POST", roles, dora, role("secrets", ["get", "list"]))).toBe(
    'roles.rbac.authorization.k8s.io "r-secrets" is forbidden: user "dora" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
  );
  const verbless = { metadata: { name: "r-verbless" }, rules: [{ apiGroups: [""], resources: ["pods"] }] };
  expect(await status("POST", roles, dora, verbless)).toBe(422);
  const bindings = `${rbac}/namespaces/default/rolebindings`;
  expect(await forbidden("POST", bindings, dora, binding("all", "cluster-admin", user("dora")))).toContain(
    '{NonResourceURLs:["*"], Verbs:["*"]}',
  );
  const absent = await server.call("POST", bindings, {
    as: dora,
    body: binding("none", "absent", user("dora")),
  });
  expect(absent.body.message).toBe('clusterroles.rbac.authorization.k8s.io "absent" not found');
  const aggregating = {
    metadata: { name: "gather" },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
  };
  expect(await forbidden("POST", `${rbac}/clusterroles`, dora, aggregating)).toBe(
    'clusterroles.rbac.authorization.k8s.io "gather" is forbidden: must have cluster-admin privileges to use the aggregationRule',
  );
});

test("the right to bind or escalate takes the place of the rights given", async () => {
  const ella = person("ella");
  const rules = [
    { apiGroups: [apiGroup], resources: ["clusterrolebindings"], verbs: ["create"] },
    { apiGroups: [apiGroup], resources: ["clusterroles"], resourceNames: ["cluster-admin"], verbs: ["bind"] },
    { apiGroups: [apiGroup], resources: ["clusterroles"], verbs: ["create", "escalate"] },
  ];
  await create(`${rbac}/clusterroles`, { metadata: { name: "binder" }, rules });
  await create(`${rbac}/clusterrolebindings`, binding("ella", "binder", user("ella")));
  const bindings = `${rbac}/clusterrolebindings`;
  expect(await status("POST", bindings, ella, binding("own", "system:node", user("ella")))).toBe(403);
  expect(await status("POST", bindings, ella, binding("own", "cluster-admin", user("fay")))).toBe(201);
  expect(await status("GET", "/api/v1/secrets", person("fay"))).toBe(200);
  const anything = {
    metadata: { name: "anything" },
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  };
  expect(await status("POST", `${rbac}/clusterroles`, ella, anything)).toBe(201);
});

test("the default roles are made, and mended at the next start unless they are kept as they are", async () => {
  const roles = `${rbac}/clusterroles`;
  const merge = { headers: { "content-type": "application/merge-patch+json" } };
  const own = { apiGroups: ["example.com"], resources: ["things"], verbs: ["get"] };
  await server.call("PATCH", `${roles}/system:discovery`, { body: { rules: [own] }, ...merge });
  await server.call("PATCH", `${roles}/system:basic-user`, {
    body: {
      rules: [],
      metadata: { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } },
    },
    ...merge,
  });
  await server.call("DELETE", `${roles}/system:node-bootstrapper`);
  await server.restart();
  const discovery = await server.call("GET", `${roles}/system:discovery`);
  expect(discovery.body.rules).toHaveLength(2);
  expect(discovery.body.rules[0]).toEqual(own);
  expect(discovery.body.metadata.labels).toEqual({ "kubernetes.io/bootstrapping": "rbac-defaults" });
  expect((await server.call("GET", `${roles}/system:basic-user`)).body.rules).toBeNull();
  expect((await server.call("GET", `${roles}/system:node-bootstrapper`)).status).toBe(200);
  expect((await server.call("GET", `${roles}/edit`)).body.metadata.labels).toEqual({
    "kubernetes.io/bootstrapping": "rbac-defaults",
    "rbac.authorization.k8s.io/aggregate-to-admin": "true",
  });
});
