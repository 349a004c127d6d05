/** A server of somebody else's behind ours, over real TLS, as kubectl sees the two. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { ClusterConnector } from "../../../supervisor/apiserver/proxy/cluster-connector.ts";
import { KubeletProxy } from "../../../supervisor/apiserver/proxy/kubelet-proxy.ts";
import { streamDispatcher } from "../../../supervisor/apiserver/proxy/stream-dispatcher.ts";
import { WorkloadProxy } from "../../../supervisor/apiserver/proxy/workload-proxy.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { listenTls, type TlsListener } from "../../../supervisor/base/http/listen-tls.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { type ClusterPki, frontProxyName, loadClusterPki } from "../../../supervisor/base/pki/cluster-pki.ts";
import { writeAdminKubeconfig } from "../../../supervisor/startup/write-admin-kubeconfig.ts";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { LoopbackNode, serviceObjects } from "../../framework/loopback-node.ts";
import { SampleApiServer, sampleGroup, sampleVersion } from "../../framework/sample-api-server.ts";
import { TestApiServer } from "../../framework/test-api-server.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const kubectlPath = findKubectl("v36");
const withKubectl = kubectlPath === undefined ? test.skip : test;
const reason =
  kubectlPath === undefined ? " (dist/test-tools has no kubectl: run ./install.sh test-tools)" : "";
const folder = mkdtempSync(join(tmpdir(), "pacific-aggregation-"));
const name = `${sampleVersion}.${sampleGroup}`;
const services = "/apis/apiregistration.k8s.io/v1/apiservices";
const root = `/apis/${sampleGroup}/${sampleVersion}`;
const stop = new AbortController();
let pki: ClusterPki;
let server: TestApiServer;
let listener: TlsListener;
let sample: SampleApiServer;

async function startSample(options: { readonly port?: number; readonly isOld?: boolean } = {}) {
  const certificate = pki.authority.issue({
    subject: { commonName: "sample" },
    uses: ["server"],
    alternativeNames: ["sample.default.svc"],
    nowMs: Date.now(),
  });
  const requestHeaderCa = pki.frontProxy.authority.certificatePem;
  return await SampleApiServer.start({ certificate, requestHeaderCa, ...options });
}

beforeAll(async () => {
  pki = await loadClusterPki({ directory: folder, serverNames: ["127.0.0.1"], clock: systemClock });
  const nodes = new LoopbackNode();
  nodes.add("default", "sample");
  server = await TestApiServer.start({
    nodes,
    proxyCredentials: pki.frontProxy.client,
    authorities: {
      clientCaPem: pki.authority.certificatePem,
      requestHeaderCaPem: pki.frontProxy.authority.certificatePem,
      requestHeaderName: frontProxyName,
    },
  });
  const logger = new Logger("error");
  const { backend } = server;
  const workloads = new WorkloadProxy(new ClusterConnector({ backend, logger, nodes, random: Math.random }));
  listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    key: pki.server.keyPem,
    cert: pki.server.certificatePem,
    clientCa: pki.authority.certificatePem,
    handler: server.server.fetch,
    upgrade: streamDispatcher(server.server, new KubeletProxy(nodes), workloads),
    signal: stop.signal,
  });
  await writeAdminKubeconfig(join(folder, "kubeconfig"), `https://127.0.0.1:${listener.port}`, pki);
  sample = await startSample();
});

afterAll(async () => {
  stop.abort();
  await sample.stop();
  await listener.closed;
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function kubectl(...args: string[]): Promise<CommandResult> {
  const kubeconfig = join(folder, "kubeconfig");
  // A cache of its own each time: what is told of here changes from test to test.
  const cache = mkdtempSync(join(folder, "cache-"));
  return run([kubectlPath ?? "", "--kubeconfig", kubeconfig, "--cache-dir", cache, ...args]);
}

async function says(...args: string[]): Promise<string> {
  const result = await kubectl(...args);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return result.stdout;
}

const registration = () => ({
  metadata: { name },
  spec: {
    ...{ group: sampleGroup, version: sampleVersion, groupPriorityMinimum: 2000, versionPriority: 200 },
    service: { namespace: "default", name: "sample" },
    caBundle: Buffer.from(pki.authority.certificatePem).toString("base64"),
  },
});

async function condition() {
  const { body } = await server.call("GET", `${services}/${name}`);
  return body.status?.conditions?.[0];
}

/** Waits until the APIService says so, and what it says. */
function available(status: string, reason: string) {
  return waitUntil(async () => {
    const found = await condition();
    return found?.status === status && found.reason === reason && found;
  });
}

test("what servers need to know of who asks them is published, and who may read it", async () => {
  const { body } = await server.call(
    "GET",
    "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication",
  );
  expect(body.data).toEqual({
    "client-ca-file": pki.authority.certificatePem,
    "requestheader-allowed-names": '["front-proxy-client"]',
    "requestheader-client-ca-file": pki.frontProxy.authority.certificatePem,
    "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
    "requestheader-group-headers": '["X-Remote-Group"]',
    "requestheader-uid-headers": '["X-Remote-Uid"]',
    "requestheader-username-headers": '["X-Remote-User"]',
  });
});

test("custom resources have an APIService as long as they are there", async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const schema = { openAPIV3Schema: { type: "object" } };
  await server.call("POST", definitions, {
    body: {
      metadata: { name: "widgets.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "widgets", kind: "Widget" },
        versions: [{ name: "v1", served: true, storage: true, schema }],
      },
    },
  });
  const registered = () => server.call("GET", `${services}/v1.example.com`);
  const { body } = await waitUntil(async () => {
    const answer = await registered();
    return answer.status === 200 && answer;
  });
  expect(body.metadata.labels).toEqual({ "kube-aggregator.kubernetes.io/automanaged": "true" });
  expect(body.spec).toEqual({
    ...{ group: "example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 },
  });
  expect(body.status.conditions).toMatchObject([{ type: "Available", status: "True", reason: "Local" }]);
  await server.call("DELETE", `${services}/v1.example.com`);
  await waitUntil(async () => (await registered()).status === 200);
  await server.call("DELETE", `${definitions}/widgets.example.com`);
  await waitUntil(async () => (await registered()).status === 404);
});

withKubectl(`without a metrics server kubectl top says so${reason}`, async () => {
  expect((await kubectl("top", "nodes")).stderr).toBe("error: Metrics API not available\n");
});

test("an APIService says step by step what its server lacks", async () => {
  await server.call("POST", services, { body: registration() });
  expect(await available("False", "ServiceNotFound")).toMatchObject({
    message: 'service/sample in "default" is not present',
  });
  expect((await server.call("GET", root)).status).toBe(503);
  expect((await server.call("GET", root)).text).toBe("service unavailable\n");
  const { service, slice } = serviceObjects("sample", 444, sample.port);
  await server.call("POST", "/api/v1/namespaces/default/services", { body: service });
  expect((await available("False", "ServicePortError")).message).toBe(
    'service/sample in "default" is not listening on port 443',
  );
  const ports = [{ port: 443, targetPort: sample.port, protocol: "TCP" }];
  await server.call("PATCH", "/api/v1/namespaces/default/services/sample", {
    body: { spec: { ports } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect((await available("False", "EndpointsNotFound")).message).toBe(
    'cannot find endpointslices for service/sample in "default"',
  );
  await server.call("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", { body: slice });
  expect(await available("True", "Passed")).toMatchObject({ message: "all checks passed" });
});

test("the other server is told who asks, and nothing of how they showed it", async () => {
  sample.requests.length = 0;
  const token = {
    authorization: "Bearer secret",
    "x-remote-user": "root",
    "x-remote-group": "system:masters",
  };
  const { status } = await server.call("GET", `${root}/namespaces/default/flunders?limit=500`, {
    headers: {
      ...{ "impersonate-user": "jané", "impersonate-group": "a", "impersonate-extra-Scopes%2Fone": "x" },
      "x-forwarded-for": "192.0.2.1",
    },
  });
  expect(status).toBe(403);
  await server.call("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    body: {
      metadata: { name: "jane" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jané" }],
    },
  });
  await server.call("GET", `${root}/namespaces/default/flunders?limit=500`, {
    headers: { "x-remote-user": token["x-remote-user"], "x-remote-group": token["x-remote-group"] },
    as: { commonName: "jané", organizations: ["a", "b,c"] },
  });
  const asked = sample.requests.at(-1);
  const header = (key: string) => asked?.request.headers.get(key);
  expect(asked?.connection.peer?.commonName).toBe("front-proxy-client");
  expect(new URL(asked?.request.url ?? "").search).toBe("?limit=500");
  expect(Buffer.from(header("x-remote-user") ?? "", "latin1").toString("utf8")).toBe("jané");
  expect(header("x-remote-group")).toBe("a, b,c, system:authenticated");
  expect(header("authorization")).toBeNull();
  expect(header("x-forwarded-for")).toBe("127.0.0.1");
  expect(header("host")).toBe("sample.default.svc:443");
});

test("a user whose name would break out of a header is not passed on", async () => {
  const { length } = sample.requests;
  const answer = await server.call("GET", root, {
    as: { commonName: "a\r\nX-Remote-Group: system:masters", organizations: ["system:masters"] },
  });
  expect([answer.status, answer.text]).toEqual([
    503,
    'error trying to reach service: net/http: invalid header field value for "X-Remote-User"\n',
  ]);
  expect(sample.requests).toHaveLength(length);
});

test("a redirect is not passed back", async () => {
  const answer = await server.call("GET", `${root}/away`);
  expect([answer.status, answer.text]).toEqual([
    502,
    "the backend attempted to redirect this request, which is not permitted\n",
  ]);
});

withKubectl(`kubectl finds, creates, lists and deletes what the other server has${reason}`, async () => {
  expect(await says("get", "apiservice", name, "--no-headers")).toMatch(/default\/sample +True /);
  expect(await says("api-resources", `--api-group=${sampleGroup}`, "--no-headers")).toMatch(
    /^flunders +fl +wardle.example.com\/v1alpha1 +true +Flunder\n$/,
  );
  expect((await says("api-versions")).split("\n")).toContain(`${sampleGroup}/${sampleVersion}`);
  const file = join(folder, "flunder.json");
  const flunder = {
    apiVersion: `${sampleGroup}/${sampleVersion}`,
    kind: "Flunder",
    metadata: { name: "one" },
  };
  writeFileSync(file, JSON.stringify({ ...flunder, spec: { reference: "two" } }));
  expect(await says("create", "--validate=false", "-f", file)).toBe(
    "flunder.wardle.example.com/one created\n",
  );
  expect(await says("get", "fl")).toBe("NAME   TASTE\none    sweet\n");
  expect(await says("get", "fl", "one", "-o", "jsonpath={.spec.reference}")).toBe("two");
  expect((await kubectl("get", "fl", "none")).stderr).toBe(
    'Error from server (NotFound): flunders.wardle.example.com "none" not found\n',
  );
  expect(await says("delete", "fl", "one", "--wait=false")).toContain('"one" deleted');
});

withKubectl(`kubectl explains and checks what the other server describes${reason}`, async () => {
  expect(await says("explain", "flunders.spec.reference")).toContain("Reference names another flunder.");
  const file = join(folder, "wrong.json");
  const flunder = {
    apiVersion: `${sampleGroup}/${sampleVersion}`,
    kind: "Flunder",
    metadata: { name: "one" },
  };
  writeFileSync(file, JSON.stringify(flunder));
  expect(await says("create", "--dry-run=client", "-f", file)).toContain("one created (dry run)");
});

test("OpenAPI tells of the other server's part with our own", async () => {
  const { body: index } = await server.call("GET", "/openapi/v3");
  expect(index.paths[root.slice(1)]).toEqual({ serverRelativeURL: `/openapi/v3${root}?hash=1` });
  expect(index.paths["api/v1"]).toBeDefined();
  const { body } = await server.call("GET", "/openapi/v2");
  expect(Object.keys(body.paths)).toContain(`${root}/namespaces/{namespace}/flunders`);
  expect(Object.keys(body.paths)).toContain("/api/v1/pods");
  expect(Object.keys(body.paths)).not.toContain("/other/");
  expect(Object.keys(body.definitions)).toContain("com.example.wardle.v1alpha1.Flunder");
  expect(Object.keys(body.definitions)).not.toContain("unused.Thing");
});

test("a watch is passed on event by event, and ends with its client", async () => {
  const leaving = new AbortController();
  const watch = await server.fetch("GET", `${root}/flunders?watch=1`, {}, leaving.signal);
  const reader = watch.body?.getReader();
  await server.call("POST", `${root}/namespaces/default/flunders`, { body: { metadata: { name: "seen" } } });
  const { value } = (await reader?.read()) ?? {};
  expect(JSON.parse(Buffer.from(value ?? []).toString())).toMatchObject({
    type: "ADDED",
    object: { metadata: { name: "seen" } },
  });
  expect(sample.watching).toBe(1);
  leaving.abort();
  await reader?.cancel().catch(() => {});
  await waitUntil(() => sample.watching === 0);
});

test("an upgrade is passed on", async () => {
  const { certificatePem: cert, keyPem: key } = pki.admin;
  const ca = pki.authority.certificatePem;
  const socket = connect({ host: "127.0.0.1", port: listener.port, ca, cert, key });
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString();
  });
  const path = `${root}/namespaces/default/flunders/seen/talk`;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
  await waitUntil(() => received.startsWith("HTTP/1.1 101 ") && received.includes("\r\n\r\n"));
  socket.write("hello");
  await waitUntil(() => received.endsWith("\r\n\r\nhello"));
  socket.destroy();
});

withKubectl(`a server that is gone makes its group stale, and comes back${reason}`, async () => {
  const { port } = sample;
  await sample.stop();
  const refused = await server.call("GET", `${root}/flunders`);
  expect(refused.status).toBe(503);
  expect(refused.text).toStartWith("error trying to reach service: ");
  const { message } = await available("False", "FailedDiscoveryCheck");
  expect(message).toStartWith("failing or missing response from https://10.");
  expect(message).toContain(`:443${root}: Get "https://`);
  expect((await server.call("GET", `${root}/flunders`)).text).toBe("service unavailable\n");
  expect(await says("get", "apiservice", name, "--no-headers")).toMatch(/False \(FailedDiscoveryCheck\)/);
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { body } = await server.call("GET", "/apis", { headers: { accept } });
  expect(body.items).toContainEqual({
    metadata: { name: sampleGroup },
    versions: [{ version: sampleVersion, resources: [], freshness: "Stale" }],
  });
  // What else there is can be worked with.
  expect(await says("get", "flowschemas", "catch-all", "-o", "name")).toContain("catch-all");
  sample = await startSample({ port, isOld: true });
  await available("True", "Passed");
  expect((await kubectl("get", "fl")).stderr).toBe("No resources found in default namespace.\n");
});

withKubectl(`an APIService that is deleted takes its group with it${reason}`, async () => {
  await says("delete", "apiservice", name);
  expect((await server.call("GET", root)).status).toBe(404);
  expect(await says("api-versions")).not.toContain(sampleGroup);
});
