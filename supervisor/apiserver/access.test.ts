import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../test/framework/eventually.ts";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../test/framework/test-api-server.ts";
import type { PeerSubject } from "../base/http/connection-info.ts";
import { createCertificateRequest } from "../base/pki/certificate-request.ts";
import { generateKeyPem } from "../base/pki/keys.ts";
import { parseTokenFile, tokenFileAuthenticator } from "./authentication/token-file.ts";

const tokens = `# people
t0ken-admin,ann,1,"system:masters,team"
t0ken-other,"bob, jr",2
`;
const node: PeerSubject = { commonName: "system:node:n1", organizations: ["system:nodes"] };
const otherNode: PeerSubject = { commonName: "system:node:n2", organizations: ["system:nodes"] };
let server: TestApiServer;

beforeAll(async () => {
  const tokenAuthenticators = [tokenFileAuthenticator(parseTokenFile(tokens))];
  server = await TestApiServer.start({ clock: new FakeClock(), tokenAuthenticators });
});

afterAll(() => server.close());

function bearer(token: string) {
  return { as: undefined, headers: { authorization: `Bearer ${token}` } };
}

function secret(id: string, fields: Readonly<Record<string, string>>) {
  const stringData = { "token-id": id, "usage-bootstrap-authentication": "true", ...fields };
  const type = "bootstrap.kubernetes.io/token";
  return { kind: "Secret", apiVersion: "v1", metadata: { name: `bootstrap-token-${id}` }, type, stringData };
}

const pem = createCertificateRequest(generateKeyPem(), { commonName: "test" });
const csr = (name: string, signerName = "kubernetes.io/kube-apiserver-client-kubelet") => ({
  metadata: { name },
  spec: {
    request: Buffer.from(pem).toString("base64"),
    signerName,
    usages: ["client auth"],
  },
});
const csrs = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

test("everybody sees health and version, and nothing else", async () => {
  for (const path of ["/healthz", "/livez", "/readyz", "/version"]) {
    expect((await server.call("GET", path, { as: undefined })).status).toBe(200);
  }
  expect((await server.call("GET", "/readyz/ping", { as: undefined })).status).toBe(403);
  const { body } = await server.call("GET", "/api", { as: undefined });
  expect(body).toMatchObject({
    code: 403,
    message: 'forbidden: User "system:anonymous" cannot get path "/api"',
  });
  expect((await server.call("GET", "/api/v1/pods", { as: undefined })).body.message).toBe(
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
  );
});

test("nobody may be answered nothing, or single paths only", async () => {
  const statuses = async (anonymous: { enabled: boolean; conditions?: { path: string }[] }) => {
    const other = await TestApiServer.start({ anonymous });
    try {
      const answers = ["/livez", "/version"].map((path) => other.call("GET", path, { as: undefined }));
      return (await Promise.all(answers)).map(({ status }) => status);
    } finally {
      await other.close();
    }
  };
  expect(await statuses({ enabled: true })).toEqual([200, 200]);
  expect(await statuses({ enabled: true, conditions: [{ path: "/livez" }] })).toEqual([200, 401]);
  expect(await statuses({ enabled: false })).toEqual([401, 401]);
});

test("who is known without a role sees what the API has, and none of it", async () => {
  const joe = { commonName: "joe", organizations: [] };
  expect((await server.call("GET", "/apis", { as: joe })).status).toBe(200);
  const { body } = await server.call("GET", "/api/v1/namespaces/default/pods/a/log", { as: joe });
  expect(body.message).toBe(
    'pods "a" is forbidden: User "joe" cannot get resource "pods/log" in API group "" in the namespace "default"',
  );
});

test("tokens of the token file name their users, and strange ones are refused", async () => {
  expect((await server.call("GET", "/api/v1/nodes", bearer("t0ken-admin"))).status).toBe(200);
  const { body } = await server.call("GET", "/api/v1/nodes", bearer("t0ken-other"));
  expect(body.message).toContain('User "bob, jr" cannot list resource "nodes"');
  const strange = await server.call("GET", "/api/v1/nodes", bearer("strange"));
  expect(strange.body).toMatchObject({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
});

test("administrators may act as others, others may not", async () => {
  const as = (user: string, more: object = {}) => ({ headers: { "impersonate-user": user, ...more } });
  expect((await server.call("GET", "/api/v1/nodes", as("joe"))).body.message).toContain(
    'User "joe" cannot list',
  );
  expect(
    (await server.call("GET", "/api/v1/nodes", as("joe", { "impersonate-group": "system:masters" }))).status,
  ).toBe(200);
  const joe = { commonName: "joe", organizations: [] };
  const refused = await server.call("GET", "/api/v1/nodes", { as: joe, ...as("ann") });
  expect(refused.body.message).toBe(
    'nodes is forbidden: User "joe" cannot impersonate-on:user-info:list resource "nodes" in API group "" at the cluster scope',
  );
  const groupOnly = { headers: { "impersonate-group": "a" } };
  expect((await server.call("GET", "/api/v1/nodes", groupOnly)).body).toMatchObject({
    code: 400,
    message:
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name',
  });
});

test("parseTokenFile names a line that is none", () => {
  expect(() => parseTokenFile("only,two\n")).toThrow("Token file line 1");
});

test("a bootstrap token asks for a certificate and sees its own request alone", async () => {
  const secrets = "/api/v1/namespaces/kube-system/secrets";
  const good = { "token-secret": "0123456789abcdef", expiration: "2026-02-01T00:00:00Z" };
  await server.call("POST", secrets, { body: secret("aaaaaa", good) });
  await server.call("POST", secrets, {
    body: secret("bbbbbb", { ...good, expiration: "2026-01-01T00:00:00Z" }),
  });
  await server.call("POST", secrets, {
    body: secret("cccccc", { ...good, "usage-bootstrap-authentication": "false" }),
  });
  const token = bearer("aaaaaa.0123456789abcdef");
  const created = await server.call("POST", csrs, { ...token, body: csr("join") });
  expect(created.body.spec).toMatchObject({
    username: "system:bootstrap:aaaaaa",
    groups: ["system:bootstrappers", "system:authenticated"],
  });
  expect((await server.call("GET", `${csrs}/join`, token)).status).toBe(200);
  await server.call("POST", csrs, { body: csr("strange") });
  expect((await server.call("GET", `${csrs}/strange`, token)).status).toBe(403);
  const watched = await server.call("GET", `${csrs}?fieldSelector=metadata.name%3Dstrange`, token);
  expect(watched.body.items).toEqual([]);
  const listed = await server.call("GET", csrs, token);
  expect(listed.body.items).toMatchObject([{ metadata: { name: "join" } }]);
  expect((await server.call("GET", "/api/v1/nodes", token)).status).toBe(403);
  for (const wrong of [
    "aaaaaa.0123456789abcdee",
    "bbbbbb.0123456789abcdef",
    "cccccc.0123456789abcdef",
    "dddddd.0123456789abcdef",
  ]) {
    expect((await server.call("GET", `${csrs}/join`, bearer(wrong))).status).toBe(401);
  }
});

test("a host has its own Node and Lease, not those of others", async () => {
  const nodes = "/api/v1/nodes";
  expect((await server.call("POST", nodes, { as: node, body: { metadata: { name: "n1" } } })).status).toBe(
    201,
  );
  const strange = await server.call("POST", nodes, { as: node, body: { metadata: { name: "n3" } } });
  expect(strange.status).toBe(403);
  const merge = { headers: { "content-type": "application/merge-patch+json" } };
  const status = { status: { conditions: [{ type: "Ready", status: "True" }] } };
  expect(
    (await server.call("PATCH", `${nodes}/n1/status`, { as: node, body: status, ...merge })).status,
  ).toBe(200);
  expect(
    (await server.call("PATCH", `${nodes}/n1/status`, { as: otherNode, body: status, ...merge })).status,
  ).toBe(403);
  const taints = { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } };
  expect(
    (await server.call("PATCH", `${nodes}/n1`, { as: node, body: taints, ...merge })).body.message,
  ).toContain("is not allowed to modify taints");
  expect((await server.call("DELETE", `${nodes}/n1`, { as: node })).status).toBe(403);
  expect((await server.call("GET", nodes, { as: node })).status).toBe(403);
  const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
  expect((await server.call("POST", leases, { as: node, body: { metadata: { name: "n1" } } })).status).toBe(
    201,
  );
  expect((await server.call("POST", leases, { as: node, body: { metadata: { name: "n2" } } })).status).toBe(
    403,
  );
  expect((await server.call("GET", `${leases}/n1`, { as: otherNode })).status).toBe(403);
});

test("a host has the Pods bound to it and what they name", async () => {
  const pods = "/api/v1/namespaces/default/pods";
  const spec = {
    nodeName: "n1",
    serviceAccountName: "app",
    containers: [{ name: "a", image: "b", envFrom: [{ configMapRef: { name: "env" } }] }],
    volumes: [{ name: "s", secret: { secretName: "key" } }],
    imagePullSecrets: [{ name: "pull" }],
  };
  await server.call("POST", "/api/v1/namespaces/default/serviceaccounts", {
    body: { metadata: { name: "app" } },
  });
  await server.call("POST", pods, { body: { metadata: { name: "own" }, spec } });
  for (const name of ["key", "pull", "stray"]) {
    await server.call("POST", "/api/v1/namespaces/default/secrets", { body: { metadata: { name } } });
  }
  const status = (path: string, as: PeerSubject, method = "GET") =>
    server.call(method, path, { as }).then((answer) => answer.status);
  const becomes = (path: string, as: PeerSubject, wanted: number): Promise<boolean> =>
    eventually(`${path} answers ${wanted}`, 30_000, async () => (await status(path, as)) === wanted);
  await becomes(`${pods}/own`, node, 200);
  expect(await status(`${pods}/own`, otherNode)).toBe(403);
  const unbound = { metadata: { name: "unbound" }, spec: { containers: [{ name: "a", image: "b" }] } };
  await server.call("POST", pods, { body: unbound });
  expect(await status(`${pods}/unbound`, node)).toBe(403);
  expect(await status(`${pods}/absent`, node)).toBe(404);
  expect(await status(`${pods}/absent`, node, "DELETE")).toBe(404);
  expect(await status("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", node)).toBe(200);
  expect(await status("/api/v1/pods?fieldSelector=spec.nodeName%3Dn2", node)).toBe(403);
  expect(await status("/api/v1/pods", node)).toBe(403);
  const disguised = encodeURIComponent("metadata.name!=x\\,spec.nodeName=n1");
  expect(await status(`/api/v1/pods?fieldSelector=${disguised}`, node)).toBe(403);
  const secrets = "/api/v1/namespaces/default/secrets";
  expect(await status(`${secrets}/key`, node)).toBe(200);
  expect(await status(`${secrets}/pull`, node)).toBe(200);
  expect(await status(`${secrets}/stray`, node)).toBe(403);
  expect(await status(`${secrets}/key`, otherNode)).toBe(403);
  expect(await status(secrets, node)).toBe(403);
  expect(await status("/api/v1/namespaces/default/configmaps/env", node)).toBe(404);
  expect(await status("/api/v1/namespaces/default/serviceaccounts/app", node)).toBe(200);
  expect(await status(`${pods}/own?gracePeriodSeconds=0`, node, "DELETE")).toBe(200);
  await becomes(`${secrets}/key`, node, 403);
});

test.each([
  ["GET", "/api/v1/nodes/n1/proxy/pods"],
  ["GET", "/api/v1/nodes/n1/proxy/"],
  ["POST", "/api/v1/nodes/n1/proxy/exec/default/web/main?command=id&output=1"],
  ["GET", "/api/v1/namespaces/default/pods/web/log"],
  ["POST", "/api/v1/namespaces/default/pods/web/exec?command=id&stdout=1"],
  ["GET", "/api/v1/namespaces/default/pods/web/exec?command=id&stdout=1"],
  ["GET", "/api/v1/namespaces/default/pods/web/attach?stdout=1"],
  ["GET", "/api/v1/namespaces/default/pods/web/portforward?ports=80"],
])("only administrators reach a host's kubelet by %s %s", async (method, path) => {
  const id = "kub3ab";
  const secrets = "/api/v1/namespaces/kube-system/secrets";
  const body = secret(id, { "token-secret": "0123456789abcdef" });
  await server.call("POST", secrets, { body });
  const callers = [
    { as: undefined },
    { as: { commonName: "joe", organizations: [] } },
    { as: node },
    { as: otherNode },
    bearer(`${id}.0123456789abcdef`),
  ];
  for (const caller of callers) expect((await server.call(method, path, caller)).status).toBe(403);
});

test("a host asks for its own certificate, of the signers for hosts", async () => {
  expect((await server.call("POST", csrs, { as: node, body: csr("renew") })).status).toBe(201);
  const strange = await server.call("POST", csrs, {
    as: node,
    body: csr("client", "kubernetes.io/kube-apiserver-client"),
  });
  expect(strange.status).toBe(403);
  const approval = { status: { conditions: [{ type: "Approved", status: "True" }] } };
  const patch = { body: approval, headers: { "content-type": "application/merge-patch+json" } };
  expect((await server.call("PATCH", `${csrs}/renew/approval`, { as: node, ...patch })).status).toBe(403);
  const approved = await server.call("PATCH", `${csrs}/renew/approval`, patch);
  expect(approved.body.status.conditions).toMatchObject([{ type: "Approved", status: "True" }]);
});

test("who approves must be allowed to for the signer, by its name or its domain", async () => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const apiGroup = "rbac.authorization.k8s.io";
  const may = async (user: string, names: readonly string[]) => {
    const rules = [
      {
        apiGroups: ["certificates.k8s.io"],
        resources: ["certificatesigningrequests/approval", "certificatesigningrequests/status"],
        verbs: ["patch"],
      },
      {
        apiGroups: ["certificates.k8s.io"],
        resources: ["signers"],
        resourceNames: names,
        verbs: ["approve"],
      },
    ];
    await server.call("POST", `${rbac}/clusterroles`, { body: { metadata: { name: user }, rules } });
    const roleRef = { apiGroup, kind: "ClusterRole", name: user };
    const body = { metadata: { name: user }, roleRef, subjects: [{ apiGroup, kind: "User", name: user }] };
    await server.call("POST", `${rbac}/clusterrolebindings`, { body });
  };
  await may("ida", ["example.com/one"]);
  await may("jon", ["kubernetes.io/*"]);
  await server.call("POST", csrs, { body: csr("signed", "kubernetes.io/kubelet-serving") });
  const approval = { status: { conditions: [{ type: "Approved", status: "True" }] } };
  const patch = (user: string, part: string, body: object) =>
    server.call("PATCH", `${csrs}/signed/${part}`, {
      as: { commonName: user, organizations: [] },
      body,
      headers: { "content-type": "application/merge-patch+json" },
    });
  expect((await patch("ida", "approval", approval)).body.message).toBe(
    'certificatesigningrequests.certificates.k8s.io "signed" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kubelet-serving"',
  );
  expect((await patch("jon", "approval", approval)).status).toBe(200);
  const failed = {
    status: { conditions: [...approval.status.conditions, { type: "Failed", status: "True" }] },
  };
  expect((await patch("jon", "status", failed)).body.message).toContain(
    "user not permitted to sign requests",
  );
});
