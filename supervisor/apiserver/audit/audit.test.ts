import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { Logger } from "../../base/logging.ts";
import { requestInfo } from "../request-info.ts";
import { AuditLog } from "./audit-log.ts";
import { auditDecision, parseAuditPolicy } from "./audit-policy.ts";
import { Auditor } from "./auditor.ts";

const cleanups: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const logger = new Logger("error");
const unlimited = { maxBytes: 0, maxBackups: 0, maxAgeMs: 0 };

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function policyOf(rules: string): string {
  return `apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n${rules}`;
}

async function startServer(rules: string) {
  const path = join(temporaryFolder(), "audit.log");
  const clock = new FakeClock();
  const log = new AuditLog({ path, ...unlimited, clock, logger });
  const server = await TestApiServer.start({
    auditor: new Auditor(parseAuditPolicy(policyOf(rules)), log, clock),
  });
  cleanups.push(() => server.close());
  const records = async (count: number) => {
    for (const deadline = Date.now() + 5000; ; await new Promise(setImmediate)) {
      const lines = readFileSync(path, "utf8").trim().split("\n").filter(Boolean);
      if (lines.length >= count || Date.now() > deadline) return lines.map((line) => JSON.parse(line));
    }
  };
  return { server, records };
}

const configMaps = "/api/v1/namespaces/default/configmaps";

test("a request is recorded with its objects, its user and who that user is", async () => {
  const { server, records } = await startServer("- level: RequestResponse\n  verbs: [create]\n");
  const body = { metadata: { name: "a" }, data: { key: "value" } };
  const headers = {
    "impersonate-user": "jane",
    "impersonate-group": "system:masters",
    "user-agent": "kubectl",
  };
  await server.call("GET", configMaps);
  await server.call("POST", `${configMaps}?fieldValidation=Strict`, { body, headers });
  const [record, ...others] = await records(1);
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "RequestResponse",
    stage: "ResponseComplete",
    requestURI: `${configMaps}?fieldValidation=Strict`,
    verb: "create",
    user: { username: "admin", groups: ["system:masters", "system:authenticated"] },
    impersonatedUser: { username: "jane" },
    sourceIPs: ["127.0.0.1"],
    userAgent: "kubectl",
    objectRef: { resource: "configmaps", namespace: "default", apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: body,
    responseObject: { kind: "ConfigMap", metadata: { name: "a" } },
    annotations: { "authorization.k8s.io/decision": "allow" },
  });
  expect(record.requestReceivedTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("what is refused is recorded with the reason, also where the sender is not known", async () => {
  const { server, records } = await startServer("- level: Metadata\n");
  await server.call("GET", configMaps, { headers: { authorization: "Bearer wrong" }, as: undefined });
  await server.call("GET", configMaps, { as: { commonName: "nobody", organizations: [] } });
  const [unknown, forbidden] = await records(2);
  expect(unknown).toMatchObject({
    user: { username: "system:anonymous" },
    responseStatus: { status: "Failure", reason: "Unauthorized", code: 401 },
  });
  expect(forbidden).toMatchObject({
    user: { username: "nobody" },
    responseStatus: { reason: "Forbidden", code: 403 },
    annotations: { "authorization.k8s.io/decision": "forbid" },
  });
});

test("PodSecurity says which level a Pod was held to, and what breaks the one to be audited", async () => {
  const { server, records } = await startServer(
    "- level: Metadata\n  verbs: [create]\n  resources: [{group: '', resources: [pods]}]\n",
  );
  const labels = { "pod-security.kubernetes.io/audit": "baseline" };
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "audited", labels } } });
  const spec = { hostNetwork: true, containers: [{ name: "c", image: "i" }] };
  const pods = "/api/v1/namespaces/audited/pods";
  expect((await server.call("POST", pods, { body: { metadata: { name: "p" }, spec } })).status).toBe(201);
  const [record] = await records(1);
  expect(record.annotations).toMatchObject({
    "pod-security.kubernetes.io/enforce-policy": "privileged:latest",
    "pod-security.kubernetes.io/audit-violations":
      'would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  });
});

test("a watch is recorded when it begins and when it ends", async () => {
  const { server, records } = await startServer("- level: Metadata\n  verbs: [watch]\n");
  const response = await server.fetch("GET", `${configMaps}?watch=true`);
  const stages = async (count: number) => (await records(count)).map(({ stage }) => stage);
  expect(await stages(1)).toEqual(["ResponseStarted"]);
  await response.body?.cancel();
  expect(await stages(2)).toEqual(["ResponseStarted", "ResponseComplete"]);
});

test("the first rule that matches decides", () => {
  const policy = parseAuditPolicy(
    policyOf(`
- {level: None, users: ["system:kube-proxy"], verbs: [watch]}
- {level: Request, resources: [{group: "", resources: [pods/log, "*/status"]}]}
- {level: Metadata, resources: [{group: "", resources: [secrets], resourceNames: [a]}], namespaces: [kube-system]}
- {level: None, nonResourceURLs: ["/healthz*", /version]}
- {level: RequestResponse, userGroups: [admins]}
`),
  );
  const level = (path: string, user: string, groups: string[] = []) =>
    auditDecision(policy, { name: user, groups }, requestInfo("GET", `https://x${path}`)).level;
  expect(level("/api/v1/pods?watch=true", "system:kube-proxy", ["admins"])).toBe("None");
  expect(level("/api/v1/namespaces/a/pods/b/log", "x")).toBe("Request");
  expect(level("/api/v1/namespaces/a/pods/b/status", "x")).toBe("Request");
  expect(level("/api/v1/namespaces/a/pods/b", "x")).toBe("None");
  expect(level("/api/v1/namespaces/kube-system/secrets/a", "x")).toBe("Metadata");
  expect(level("/api/v1/namespaces/kube-system/secrets/b", "x")).toBe("None");
  expect(level("/healthz/ping", "x", ["admins"])).toBe("None");
  expect(level("/api/v1/namespaces/default/secrets/a", "x", ["admins"])).toBe("RequestResponse");
});

test.each([
  ["[]", "it holds no object, expected an audit.k8s.io/v1 Policy"],
  ["{kind: Policy, apiVersion: v1}", "it is a v1 Policy, expected an audit.k8s.io/v1 Policy"],
  ["{kind: Policy, apiVersion: audit.k8s.io/v1}", "it has no rules"],
  [
    policyOf("- {level: All}"),
    'rules[0].level is "All", expected one of None, Metadata, Request, RequestResponse',
  ],
  [policyOf("- {level: None, verbs: get}"), "rules[0].verbs is no list of texts"],
  [policyOf("- {level: None, omitStages: [End]}"), 'rules[0].omitStages names "End", expected some of'],
])("parseAuditPolicy refuses %j", (text, message) => {
  expect(() => parseAuditPolicy(text)).toThrow(message);
});

test("an audit log is rotated by its size, and old ones go by number and age", async () => {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const path = join(folder, "audit.log");
  const log = new AuditLog({ path, maxBytes: 40, maxBackups: 2, maxAgeMs: 3_600_000, clock, logger });
  cleanups.push(() => log.close());
  const write = async (text: string) => {
    log.write({ text });
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
  };
  for (const text of ["one one one one", "two two two two", "three three", "four four four"])
    await write(text);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const backups = readdirSync(folder)
    .filter((name) => name !== "audit.log")
    .sort();
  expect(backups.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")).text)).toEqual([
    "two two two two",
    "three three",
  ]);
  expect(readFileSync(path, "utf8")).toBe('{"text":"four four four"}\n');
  await clock.advance(2 * 3_600_000);
  await write("five five five");
  expect(readdirSync(folder)).toHaveLength(2);
});
