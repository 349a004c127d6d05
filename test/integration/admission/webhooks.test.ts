/** Webhooks over real TLS: what they are asked, what they change, what they refuse, and what happens without them. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditLog } from "../../../supervisor/apiserver/audit/audit-log.ts";
import { parseAuditPolicy } from "../../../supervisor/apiserver/audit/audit-policy.ts";
import { Auditor } from "../../../supervisor/apiserver/audit/auditor.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { makeCertificate } from "../../framework/certificates.ts";
import { eventually } from "../../framework/eventually.ts";
import { LoopbackNode, serviceObjects } from "../../framework/loopback-node.ts";
import { TestApiServer } from "../../framework/test-api-server.ts";

interface Review {
  readonly apiVersion: string;
  // biome-ignore lint/suspicious/noExplicitAny: reviews of every kind are looked into
  readonly request: any;
}

type Answer = Readonly<Record<string, unknown>>;

const group = "/apis/admissionregistration.k8s.io/v1";
const configMaps = "/api/v1/namespaces/default/configmaps";
const folder = mkdtempSync(join(tmpdir(), "pacific-webhooks-"));
let server: TestApiServer;
let webhook: ReturnType<typeof Bun.serve>;
let caBundle: string;
const auditPath = join(folder, "audit.log");
const reviews: Review[] = [];
/** What the webhook answers by the path it is asked at. */
const answers = new Map<string, (review: Review) => Answer | Promise<Answer>>();
const made: string[] = [];

beforeAll(async () => {
  const { certificatePath, keyPath } = makeCertificate(folder, "webhook", ["hook.default.svc"]);
  const cert = readFileSync(certificatePath, "utf8");
  caBundle = Buffer.from(cert).toString("base64");
  webhook = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert, key: readFileSync(keyPath, "utf8") },
    async fetch(request) {
      // The API server sends nothing else.
      const review = (await request.json()) as Review;
      reviews.push(review);
      const answer = answers.get(new URL(request.url).pathname) ?? (() => ({ allowed: true }));
      const response = { uid: review.request.uid, ...(await answer(review)) };
      return Response.json({ kind: "AdmissionReview", apiVersion: review.apiVersion, response });
    },
  });
  const nodes = new LoopbackNode();
  nodes.add("default", "hook");
  const logger = new Logger("error", () => {});
  const limits = { maxBytes: 0, maxBackups: 0, maxAgeMs: 0 };
  const log = new AuditLog({ path: auditPath, ...limits, clock: systemClock, logger });
  const policy = parseAuditPolicy(
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n",
  );
  server = await TestApiServer.start({ nodes, auditor: new Auditor(policy, log, systemClock) });
  const { service, slice } = serviceObjects("hook", 443, webhook.port ?? 0);
  await server.call("POST", "/api/v1/namespaces/default/services", { body: service });
  await server.call("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", { body: slice });
});

afterEach(async () => {
  for (const path of made.splice(0)) await server.call("DELETE", path);
  await server.call("DELETE", configMaps);
  reviews.length = 0;
  answers.clear();
});

afterAll(async () => {
  await server.close();
  await webhook.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

const rules = [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }];

/** Registers a webhook in a configuration of its own. */
async function register(kind: "mutating" | "validating", name: string, change: object = {}): Promise<void> {
  const service = { namespace: "default", name: "hook", path: `/${name}` };
  const own = {
    name: `${name}.webhooks.example.com`,
    clientConfig: { service, caBundle },
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    rules,
    ...change,
  };
  const path = `${group}/${kind}webhookconfigurations`;
  const { status, text } = await server.call("POST", path, { body: { metadata: { name }, webhooks: [own] } });
  if (status !== 201) throw new Error(text);
  made.push(`${path}/${name}`);
}

function patch(...operations: object[]): Answer {
  const text = Buffer.from(JSON.stringify(operations)).toString("base64");
  return { allowed: true, patchType: "JSONPatch", patch: text };
}

const create = (name: string, more: object = {}) =>
  server.call("POST", configMaps, { body: { metadata: { name }, ...more } });

test("a webhook behind a Service sees the write and who makes it, and its warnings reach the client", async () => {
  await register("validating", "look");
  answers.set("/look", () => ({ allowed: true, warnings: ["mind the gap"] }));
  const { headers } = await create("a", { data: { key: "value" } });
  expect(headers.get("warning")).toBe('299 - "mind the gap"');
  await server.call("DELETE", `${configMaps}/a`);
  const [created, deleted] = reviews;
  expect(created).toMatchObject({
    apiVersion: "admission.k8s.io/v1",
    request: {
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      resource: { group: "", version: "v1", resource: "configmaps" },
      requestResource: { resource: "configmaps" },
      name: "a",
      namespace: "default",
      operation: "CREATE",
      userInfo: { username: "admin" },
      object: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" }, data: { key: "value" } },
      dryRun: false,
      options: { kind: "CreateOptions" },
    },
  });
  expect(deleted?.request).toMatchObject({ operation: "DELETE", oldObject: { data: { key: "value" } } });
  expect(deleted?.request.object).toBeUndefined();
});

test("what webhooks say and do is in the audit log and among the metrics", async () => {
  await register("mutating", "noted");
  await register("validating", "closed", { failurePolicy: "Ignore" });
  const change = patch({ op: "add", path: "/data", value: { added: "here" } });
  answers.set("/noted", () => ({ ...change, auditAnnotations: { why: "because" } }));
  answers.set("/closed", () => ({ allowed: true, uid: "another" }));
  expect((await create("noted-one")).status).toBe(201);
  const { annotations } = await eventually("the write is in the audit log", 5000, () =>
    readFileSync(auditPath, "utf8")
      .split("\n")
      .filter(
        (line) =>
          line.includes('"create"') && line.includes("noted.webhooks") && line.includes("ResponseComplete"),
      )
      .map((line) => JSON.parse(line))
      .at(0),
  );
  expect(annotations).toMatchObject({
    "noted.webhooks.example.com/why": "because",
    "mutation.webhook.admission.k8s.io/round_0_index_0":
      '{"configuration":"noted","webhook":"noted.webhooks.example.com","mutated":true}',
    "failed-open.validating.webhook.admission.k8s.io/round_0_index_0": "closed.webhooks.example.com",
  });
  const { text } = await server.call("GET", "/metrics");
  const about = 'name="noted.webhooks.example.com",type="admit",operation="CREATE",rejected="false"';
  expect(text).toContain(`apiserver_admission_webhook_request_total{${about},code="200"} 1`);
  expect(text).toContain(
    'apiserver_admission_webhook_fail_open_count{name="closed.webhooks.example.com",type="validating"} 1',
  );
  expect(text).toMatch(
    /apiserver_admission_step_admission_duration_seconds_count\{type="admit",operation="CREATE"/,
  );
});

test("a webhook that says no is named with its reason, and nothing is written", async () => {
  await register("validating", "strict");
  answers.set("/strict", () => ({
    allowed: false,
    status: { code: 418, message: "no tea", reason: "Teapot" },
  }));
  const { status, body } = await create("a");
  expect([status, body.reason, body.message]).toEqual([
    418,
    "Teapot",
    'admission webhook "strict.webhooks.example.com" denied the request: no tea',
  ]);
  expect((await server.call("GET", `${configMaps}/a`)).status).toBe(404);
  answers.set("/strict", () => ({ allowed: false }));
  expect((await create("a")).body).toMatchObject({
    code: 400,
    message: 'admission webhook "strict.webhooks.example.com" denied the request without explanation',
  });
});

test("webhooks change objects in turn, and those who ask for it see what later ones have made", async () => {
  await register("mutating", "first", { reinvocationPolicy: "IfNeeded" });
  await register("mutating", "second");
  answers.set("/first", ({ request }) => {
    const count = Object.keys(request.object.data ?? {}).length;
    return patch({ op: "add", path: "/metadata/labels", value: { seen: String(count) } });
  });
  answers.set("/second", () => patch({ op: "add", path: "/data", value: { added: "later" } }));
  const { body } = await create("a");
  expect(body).toMatchObject({ metadata: { labels: { seen: "1" } }, data: { added: "later" } });
  expect(reviews.map(({ request }) => Object.keys(request.object.data ?? {}).length)).toEqual([0, 0, 1]);
});

test("rules, selectors and conditions say which writes a webhook is asked about", async () => {
  const matchConditions = [{ name: "big", expression: "size(object.data) > 1" }];
  await register("validating", "choosy", {
    matchConditions,
    objectSelector: { matchLabels: { ask: "yes" } },
  });
  await register("validating", "elsewhere", { namespaceSelector: { matchLabels: { team: "other" } } });
  await register("validating", "creations", { rules: [{ ...rules[0], operations: ["CREATE"] }] });
  const labels = { ask: "yes" };
  const data = { one: "1", two: "2" };
  await create("small", { metadata: { name: "small", labels }, data: { one: "1" } });
  await create("plain", { data });
  await create("big", { metadata: { name: "big", labels }, data });
  await server.call("DELETE", `${configMaps}/small`);
  expect(reviews.map(({ request }) => `${request.operation} ${request.name}`).sort()).toEqual([
    "CREATE big",
    "CREATE big",
    "CREATE plain",
    "CREATE small",
  ]);
});

test("a webhook that is not there stops the write, or is passed over, as its failure policy says", async () => {
  const clientConfig = { url: "https://127.0.0.1:1/none", caBundle };
  await register("validating", "optional", { clientConfig, failurePolicy: "Ignore" });
  expect((await create("a")).status).toBe(201);
  await register("validating", "needed", { clientConfig, timeoutSeconds: 3 });
  const { status, body } = await create("b");
  expect(status).toBe(500);
  expect(body.message).toStartWith(
    'Internal error occurred: failed calling webhook "needed.webhooks.example.com": failed to call webhook: Post "https://127.0.0.1:1/none?timeout=3s": ',
  );
});

test("a webhook that takes too long is told as such", async () => {
  await register("mutating", "slow", { timeoutSeconds: 1 });
  const never = Promise.withResolvers<Answer>();
  answers.set("/slow", () => never.promise);
  const { status, body } = await create("a");
  expect([status, body.message]).toEqual([500, expect.stringContaining("context deadline exceeded")]);
  never.resolve({ allowed: true });
});

test("a webhook that lies or makes a bad patch is told as such", async () => {
  await register("mutating", "bad");
  const failures: ReadonlyArray<readonly [(review: Review) => Answer, string]> = [
    [() => ({ uid: "other", allowed: true }), "expected response.uid="],
    [() => ({ allowed: true, patch: "W10=" }), "webhook returned response.patch but not response.patchType"],
    [() => patch({ op: "remove", path: "/none" }), "failed to apply the patch of admission webhook"],
  ];
  for (const [answer, message] of failures) {
    answers.set("/bad", answer);
    const { status, body } = await create("a");
    expect([status, body.message]).toEqual([500, expect.stringContaining(message)]);
  }
});

test("streams are webhooks' to refuse, with what they are asked for", async () => {
  const connect = {
    operations: ["CONNECT"],
    apiGroups: [""],
    apiVersions: ["v1"],
    resources: ["services/proxy"],
  };
  await register("validating", "streams", { rules: [connect] });
  answers.set("/streams", () => ({ allowed: false, status: { message: "not here" } }));
  const { status, body } = await server.call("GET", "/api/v1/namespaces/default/services/hook:443/proxy/a/b");
  expect([status, body.message]).toEqual([
    400,
    'admission webhook "streams.webhooks.example.com" denied the request: not here',
  ]);
  expect(reviews[0]?.request).toMatchObject({
    kind: { kind: "ServiceProxyOptions" },
    operation: "CONNECT",
    subResource: "proxy",
    object: { kind: "ServiceProxyOptions", path: "/a/b" },
  });
});

test("a dry run asks only webhooks without side effects", async () => {
  await register("validating", "pure");
  const dry = () => server.call("POST", `${configMaps}?dryRun=All`, { body: { metadata: { name: "a" } } });
  expect((await dry()).status).toBe(201);
  expect(reviews[0]?.request.dryRun).toBe(true);
});

test.each([
  [{ sideEffects: "Some" }, 'webhooks[0].sideEffects: Unsupported value: "Some"'],
  [{ timeoutSeconds: 31 }, "the timeout value must be between 1 and 30 seconds"],
  [{ name: "short.name" }, "should be a domain with at least three segments separated by dots"],
  [{ admissionReviewVersions: ["v2"] }, "must include at least one of v1, v1beta1"],
  [
    { clientConfig: {} },
    "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
  ],
  [{ matchConditions: [{ name: "a", expression: "object.(" }] }, "webhooks[0].matchConditions[0].expression"],
])("a configuration with %j is refused", async (change, message) => {
  await expect(register("mutating", "wrong", change)).rejects.toThrow(JSON.stringify(message).slice(1, -1));
});
