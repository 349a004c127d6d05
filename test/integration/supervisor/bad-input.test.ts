/** What a supervisor says to requests that are wrong, by HTTP over TLS: kube-apiserver's statuses and words. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { request as sendRequest } from "node:https";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly credentials?: HttpTransportOptions["credentials"];
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind are looked into
  readonly body: any;
}

const configMaps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const limit = 3 * 1024 * 1024;

let supervisor: TestSupervisor;
let admin: HttpTransportOptions["credentials"];

beforeAll(async () => {
  supervisor = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
  admin = (await loadKubeconfig(supervisor.kubeconfigPath)).transport.credentials;
});

afterAll(() => supervisor.stop());

/** Sends exactly this; without `content-length` among the headers a body goes in chunks. */
function call(method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { certificatePem: cert, keyPem: key, token } = sent.credentials ?? admin ?? {};
  const headers = {
    ...(sent.body === undefined ? {} : { "content-type": "application/json" }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...sent.headers,
  };
  return new Promise((resolve, reject) => {
    const options = { method, headers, cert, key, ca: supervisor.caPem, agent: false };
    const outgoing = sendRequest(`${supervisor.url}${path}`, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    outgoing.on("error", reject);
    if (sent.body !== undefined) outgoing.write(sent.body);
    outgoing.end();
  });
}

function create(path: string, object: unknown): Promise<Answer> {
  return call("POST", path, { body: JSON.stringify(object) });
}

test("a field of the wrong type is a 400 that names it, as Go's decoder does", async () => {
  const wrong = await create(pods, { metadata: { name: "p" }, spec: { containers: "nginx" } });
  expect(wrong.body).toMatchObject({ code: 400, reason: "BadRequest", status: "Failure" });
  expect(wrong.body.message).toBe(
    'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  );
  const port = { containers: [{ name: "a", image: "b", ports: [{ containerPort: "80" }] }] };
  expect((await create(pods, { metadata: { name: "p" }, spec: port })).body).toMatchObject({
    code: 400,
    message:
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
  });
  const label = await create(configMaps, { metadata: { name: "c", labels: { a: 1 } } });
  expect(label.body).toMatchObject({
    code: 400,
    message:
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
  });
});

test("a body that is no object of the kind is a 400", async () => {
  const broken = await call("POST", configMaps, { body: '{"metadata":{' });
  expect(broken.body).toMatchObject({ code: 400, reason: "BadRequest" });
  expect(broken.body.message).toStartWith(
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (7b226d657461",
  );
  const secret = await create(configMaps, { apiVersion: "v1", kind: "Secret", metadata: { name: "c" } });
  expect(secret.body).toMatchObject({ code: 400 });
  const elsewhere = await create(configMaps, { metadata: { name: "c", namespace: "other" } });
  expect(elsewhere.body).toMatchObject({
    code: 400,
    message: "the namespace of the provided object does not match the namespace sent on the request",
  });
  const plain = await call("POST", configMaps, { body: "x", headers: { "content-type": "text/plain" } });
  expect(plain.body).toMatchObject({ code: 415, reason: "UnsupportedMediaType" });
});

test("an unknown field is warned of, however it is called", async () => {
  for (const field of ["größe", "日本", "a\r\nset-cookie: b", "\u0000\u007f"]) {
    const path = `${configMaps}?dryRun=All`;
    expect(await create(path, { metadata: { name: "w" }, [field]: 1 })).toMatchObject({ status: 201 });
  }
});

test("an object that is not valid is a 422 with a cause for each field", async () => {
  const containers = [
    { name: "UPPER", image: "nginx" },
    { name: "b", image: "", ports: [{ containerPort: 70000 }] },
  ];
  const { status, body } = await create(pods, { metadata: { name: "p" }, spec: { containers } });
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 422, reason: "Invalid", details: { name: "p", kind: "Pod" } });
  expect(body.message).toStartWith('Pod "p" is invalid: [');
  const causes = body.details.causes.map(({ reason, field }: { reason: string; field: string }) => [
    field,
    reason,
  ]);
  expect(causes).toEqual([
    ["spec.containers[0].name", "FieldValueInvalid"],
    ["spec.containers[1].image", "FieldValueRequired"],
    ["spec.containers[1].ports[0].containerPort", "FieldValueInvalid"],
  ]);
  expect(body.details.causes[2].message).toBe("Invalid value: 70000: must be between 1 and 65535, inclusive");
});

test("a body over the limit is a 413, whether its length was said or not, and the server goes on", async () => {
  const body = " ".repeat(limit + 1);
  const refusal = {
    code: 413,
    reason: "RequestEntityTooLarge",
    message: `Request entity too large: limit is ${limit}`,
  };
  const said = await call("POST", configMaps, { body, headers: { "content-length": body.length } });
  expect(said).toMatchObject({ status: 413, body: refusal });
  expect(await call("POST", configMaps, { body })).toMatchObject({ status: 413, body: refusal });
  const chunked = { "transfer-encoding": "chunked" };
  expect(await call("DELETE", configMaps, { body, headers: chunked })).toMatchObject({ status: 413 });
  expect((await create(configMaps, { metadata: { name: "after" } })).status).toBe(201);
});

test("a deletion needs no body, of one object or of a collection, and takes its options from the query", async () => {
  const unsaid = [{}, { headers: { "content-length": 0 } }, { body: "" }] satisfies Sent[];
  for (const sent of unsaid) {
    expect((await create(configMaps, { metadata: { name: "gone" } })).status).toBe(201);
    expect(await call("DELETE", `${configMaps}/gone`, sent)).toMatchObject({
      status: 200,
      body: { kind: "Status", status: "Success", details: { name: "gone", kind: "configmaps" } },
    });
    expect((await create(configMaps, { metadata: { name: "gone" } })).status).toBe(201);
    const list = await call("DELETE", `${configMaps}?fieldSelector=metadata.name%3Dgone`, sent);
    expect(list).toMatchObject({ status: 200, body: { kind: "ConfigMapList", items: [{}] } });
  }
  await create(configMaps, { metadata: { name: "kept" } });
  expect((await call("DELETE", `${configMaps}/kept?dryRun=All`)).status).toBe(200);
  expect((await call("GET", `${configMaps}/kept`)).status).toBe(200);
  const grace = await call("DELETE", `${configMaps}/kept?gracePeriodSeconds=soon`);
  expect(grace.body).toMatchObject({ code: 400 });
});

test("a certificate of another authority is nobody's, whatever its subject says", async () => {
  const stranger = await CertificateAuthority.create("pacific", Date.now());
  const subjects = [
    { commonName: "system:admin", organizations: ["system:masters"] },
    { commonName: "system:node:box-1", organizations: ["system:nodes"] },
  ];
  for (const subject of subjects) {
    const forged = await stranger.issue({ subject, uses: ["client"], nowMs: Date.now() });
    const chain = `${forged.certificatePem}${stranger.certificatePem}`;
    for (const certificatePem of [forged.certificatePem, chain]) {
      const credentials = { certificatePem, keyPem: forged.keyPem };
      expect(await call("GET", "/api/v1/nodes/box-1", { credentials })).toMatchObject({
        status: 403,
        body: {
          reason: "Forbidden",
          message:
            'nodes "box-1" is forbidden: User "system:anonymous" cannot get resource "nodes" in API group "" at the cluster scope',
        },
      });
    }
  }
});

test("a token that nobody knows is a 401, and what is no token counts as none", async () => {
  for (const token of ["nonsense", "abcdef.0123456789abcdef"]) {
    expect(await call("GET", pods, { credentials: { token } })).toMatchObject({
      status: 401,
      body: { code: 401, reason: "Unauthorized", message: "Unauthorized" },
    });
  }
  for (const authorization of ["Bearer", "Basic YTpi"]) {
    const answer = await call("GET", pods, { credentials: {}, headers: { authorization } });
    expect(answer).toMatchObject({ status: 403, body: { reason: "Forbidden" } });
  }
});

test("what the API does not have, and does not do, is told apart", async () => {
  expect((await call("GET", "/api/v1/namespaces/default/widgets")).status).toBe(404);
  expect((await call("GET", `${configMaps}/none`)).body).toMatchObject({
    code: 404,
    reason: "NotFound",
    message: 'configmaps "none" not found',
    details: { name: "none", kind: "configmaps" },
  });
  expect((await call("PUT", configMaps)).body).toMatchObject({ code: 405, reason: "MethodNotAllowed" });
  expect((await call("GET", `${configMaps}?limit=many`)).body).toMatchObject({ code: 400 });
  expect((await call("GET", `${configMaps}?labelSelector=a%20b`)).body).toMatchObject({ code: 400 });
});
