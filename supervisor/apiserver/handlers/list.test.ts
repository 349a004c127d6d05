import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

const path = "/api/v1/namespaces/default/configmaps";
const count = 300;
let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
  const names = Array.from({ length: count }, (_, index) => `c-${String(index).padStart(4, "0")}`);
  await Promise.all(
    names.map((name, index) =>
      server.call("POST", path, {
        body: { metadata: { name, labels: { third: String(index % 3) } }, data: { filler: "x".repeat(400) } },
      }),
    ),
  );
});

afterAll(() => server.close());

function namesOf(body: { readonly items: ReadonlyArray<{ readonly metadata: { readonly name: string } }> }) {
  return body.items.map(({ metadata }) => metadata.name);
}

test("a list has all, in the order of names, in more pages than one", async () => {
  const { body } = await server.call("GET", path);
  expect(body).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
  expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(count);
  const names = namesOf(body);
  expect(names).toHaveLength(count);
  expect(names).toEqual(names.toSorted());
  expect(body.items[0]).not.toHaveProperty("kind");
});

test("a list by limit goes on by its token, at one revision, whatever is written meanwhile", async () => {
  const names: string[] = [];
  let token = "";
  let version = "";
  let remaining = count;
  do {
    const { body } = await server.call("GET", `${path}?limit=250&continue=${token}`);
    names.push(...namesOf(body));
    version ||= body.metadata.resourceVersion;
    expect(body.metadata.resourceVersion).toBe(version);
    token = body.metadata.continue ?? "";
    remaining -= body.items.length;
    expect(body.metadata.remainingItemCount ?? 0).toBe(remaining);
    await server.call("POST", path, { body: { metadata: { name: `z-${remaining}` } } });
  } while (token !== "");
  expect(names).toHaveLength(count);
  await Promise.all([50, 0].map((left) => server.call("DELETE", `${path}/z-${left}`)));
});

test("selectors choose, also by page", async () => {
  const labelled = await server.call("GET", `${path}?labelSelector=third%3D1`);
  expect(namesOf(labelled.body)).toHaveLength(count / 3);
  const page = await server.call("GET", `${path}?labelSelector=third%20in%20(1)&limit=10`);
  expect(namesOf(page.body)).toHaveLength(10);
  expect(page.body.metadata.continue).not.toBeUndefined();
  expect(page.body.metadata.remainingItemCount).toBeUndefined();
  const named = await server.call("GET", `${path}?fieldSelector=metadata.name%3Dc-0007`);
  expect(namesOf(named.body)).toEqual(["c-0007"]);
  expect(namesOf((await server.call("GET", `${path}?fieldSelector=metadata.name%3Dnone`)).body)).toEqual([]);
});

test("selectors that are none are refused", async () => {
  const label = await server.call("GET", `${path}?labelSelector=a%20b`);
  expect(label.body).toMatchObject({
    code: 400,
    message: "unable to parse requirement: found 'b', expected: =, !=, ==, in, notin, >, <",
  });
  const field = await server.call("GET", `${path}?fieldSelector=data.x%3D1`);
  expect(field.body.message).toBe(
    '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  const pods = await server.call("GET", "/api/v1/pods?fieldSelector=spec.x%3D1");
  expect(pods.body.message).toBe("field label not supported: spec.x");
});

test("a token whose revision is no longer kept comes back with a fresh one", async () => {
  const first = await server.call("GET", `${path}?limit=290`);
  await server.call("POST", path, { body: { metadata: { name: "zz" } } });
  await server.backend.compact(server.backend.currentRevision());
  const gone = await server.call("GET", `${path}?limit=290&continue=${first.body.metadata.continue}`);
  expect(gone.body).toMatchObject({ code: 410, reason: "Expired" });
  expect(gone.body.message).toStartWith("The provided continue parameter is too old");
  const rest = await server.call("GET", `${path}?limit=290&continue=${gone.body.metadata.continue}`);
  expect(namesOf(rest.body)).toHaveLength(11);
  await server.call("DELETE", `${path}/zz`);
});

test("tokens that are none are refused", async () => {
  const token = Buffer.from("nope").toString("base64url");
  expect((await server.call("GET", `${path}?continue=${token}`)).body).toMatchObject({
    code: 400,
    reason: "BadRequest",
    message:
      "invalid continue token: continue key is not valid: invalid character 'o' in literal null (expecting 'u')",
  });
  const { body: page } = await server.call("GET", `${path}?limit=1`);
  const both = `${path}?limit=1&resourceVersion=1&continue=${page.metadata.continue}`;
  expect((await server.call("GET", both)).body).toMatchObject({
    code: 400,
    message: "specifying resource version is not allowed when using continue",
  });
});

test("a resource version may be exact, not too old, or of the future", async () => {
  const before = server.backend.currentRevision();
  await server.call("POST", path, { body: { metadata: { name: "later" } } });
  const exact = await server.call("GET", `${path}?resourceVersion=${before}&resourceVersionMatch=Exact`);
  expect(namesOf(exact.body)).not.toContain("later");
  const fresh = await server.call(
    "GET",
    `${path}?resourceVersion=${before}&resourceVersionMatch=NotOlderThan`,
  );
  expect(namesOf(fresh.body)).toContain("later");
  const future = await server.call("GET", `${path}?resourceVersion=${before + 1000}`);
  expect(future.body).toMatchObject({ code: 504, reason: "Timeout" });
  const match = await server.call("GET", `${path}?resourceVersionMatch=Exact`);
  expect(match.body.message).toContain(
    "resourceVersionMatch is forbidden unless resourceVersion is provided",
  );
  await server.call("DELETE", `${path}/later`);
});

test("large lists are compressed for those who accept it", async () => {
  const response = await server.fetch("GET", path, { headers: { "accept-encoding": "gzip" } });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  const text = Buffer.from(Bun.gunzipSync(new Uint8Array(await response.arrayBuffer()))).toString("utf8");
  expect(namesOf(JSON.parse(text))).toHaveLength(count);
  const page = await server.fetch("GET", `${path}?limit=500`, { headers: { "accept-encoding": "gzip" } });
  expect(page.headers.get("content-encoding")).toBe("gzip");
  const small = await server.fetch("GET", `${path}?limit=1`, { headers: { "accept-encoding": "gzip" } });
  expect(small.headers.get("content-encoding")).toBeNull();
});

test("lists come as tables and as metadata", async () => {
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const table = await server.call("GET", path, { headers: { accept } });
  expect(table.body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
  expect(table.body.rows).toHaveLength(count);
  expect(table.body.rows[0].cells.slice(0, 2)).toEqual(["c-0000", 1]);
  expect(table.body.rows[0].object).toMatchObject({ kind: "PartialObjectMetadata" });
  const bare = await server.call("GET", `${path}?includeObject=None&limit=1`, { headers: { accept } });
  expect(bare.body.rows[0].object).toBeNull();
  expect(bare.body.metadata.remainingItemCount).toBe(count - 1);
  const metadata = { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" };
  const partial = await server.call("GET", `${path}?limit=2`, { headers: metadata });
  expect(partial.body.kind).toBe("PartialObjectMetadataList");
  expect(partial.body.items[0]).not.toHaveProperty("data");
});

test("a list may be YAML, and indented for people", async () => {
  const yaml = await server.call("GET", `${path}?limit=1`, { headers: { accept: "application/yaml" } });
  expect(yaml.text).toContain("kind: ConfigMapList\n");
  const curl = await server.call("GET", `${path}?limit=1`, { headers: { "user-agent": "curl/8.0" } });
  expect(curl.text).toContain('\n  "kind": "ConfigMapList",\n');
});
