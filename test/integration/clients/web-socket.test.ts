/** What a web page does with the API: it can set no headers, and reads watches from a WebSocket. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

const configMaps = "/api/v1/namespaces/default/configmaps";
let supervisor: TestSupervisor;
let token: string;

/** Makes an object as the administrator. */
async function create(path: string, object: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const answer = await supervisor.admin.transport.fetch(path, {
    method: "POST",
    headers,
    body: JSON.stringify(object),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

beforeAll(async () => {
  supervisor = await startTestSupervisor({ disabled: ["scheduler", "controllers"] });
  const metadata = { name: "page" };
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  await create(accounts, { metadata });
  const access = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["watch"] }];
  await create(`${access}/roles`, { metadata, rules });
  await create(`${access}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "page" },
    subjects: [{ kind: "ServiceAccount", name: "page", namespace: "default" }],
  });
  const answer = await create(`${accounts}/page/token`, { spec: {} });
  token = JSON.parse(await answer.text()).status.token;
});
afterAll(() => supervisor.stop());

const protocolOf = (text: string) =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(text).toString("base64url")}`;

/** Reads messages until there are as many as wanted; rejects where there is no WebSocket. */
async function messages(target: string, protocols: string[], wanted: number) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const url = supervisor.url.replace("https", "wss") + target;
  const socket = new WebSocket(url, { protocols, tls: { ca: supervisor.caPem } });
  const seen: { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } }[] =
    [];
  socket.onmessage = ({ data }) => {
    seen.push(JSON.parse(String(data)));
    if (seen.length === wanted) resolve();
  };
  socket.onerror = (event) => reject(new Error(`There is no WebSocket: ${(event as ErrorEvent).message}`));
  socket.onclose = () => resolve();
  await promise.finally(() => socket.close());
  const names = seen.map(({ type, object }) => `${type} ${object.metadata.name}`);
  return { names, protocol: socket.protocol };
}

test("a page watches by a WebSocket, with its token among the protocols", async () => {
  await create(configMaps, { metadata: { name: "first", annotations: { text: "é\n" } } });
  const watching = messages(`${configMaps}?watch=true`, [protocolOf(token), "base64.binary.k8s.io"], 2);
  await create(configMaps, { metadata: { name: "second" } });
  expect(await watching).toEqual({
    names: ["ADDED first", "ADDED second"],
    protocol: "base64.binary.k8s.io",
  });
  const old = await messages("/api/v1/watch/namespaces/default/configmaps", [protocolOf(token), "x"], 2);
  expect(old.names).toEqual(["ADDED first", "ADDED second"]);
});

test("a watch that ends closes the WebSocket", async () => {
  const target = `${configMaps}?watch=true&timeoutSeconds=1`;
  expect((await messages(target, [protocolOf(token), "x"], Infinity)).names).toHaveLength(2);
});

test.each([
  ["none that is known", () => [protocolOf("nobody's"), "x"]],
  ["two", () => [protocolOf(token), protocolOf("other"), "x"]],
  ["one without another protocol to answer with", () => [protocolOf(token)]],
  ["one that may not watch Secrets", () => [protocolOf(token), "x"]],
])("a token is refused that is %s", async (name, protocols) => {
  const path = name.includes("Secrets") ? "/api/v1/secrets" : configMaps;
  await expect(messages(`${path}?watch=true`, protocols(), 1)).rejects.toThrow("There is no WebSocket");
});
