import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const protobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

async function document(path: string) {
  const { body } = await server.call("GET", "/openapi/v3");
  return (await server.call("GET", body.paths[path].serverRelativeURL)).body;
}

test("v3 tells of each group version where its document is, which may be kept for ever", async () => {
  const { body, headers } = await server.call("GET", "/openapi/v3");
  const url: string = body.paths["api/v1"].serverRelativeURL;
  const answer = await server.call("GET", url);
  expect(answer.headers.get("cache-control")).toBe("public, immutable");
  const etag = answer.headers.get("etag") ?? "";
  expect(url).toEndWith(`?hash=${etag.slice(1, -1)}`);
  expect((await server.call("GET", url, { headers: { "if-none-match": etag } })).status).toBe(304);
  const index = { "if-none-match": headers.get("etag") ?? "" };
  expect((await server.call("GET", "/openapi/v3", { headers: index })).status).toBe(304);
  const moved = await server.call("GET", "/openapi/v3/api/v1?hash=OLD");
  expect([moved.status, moved.headers.get("location")]).toEqual([301, url]);
  expect((await server.call("GET", "/openapi/v3/apis/none.example.com/v1")).status).toBe(404);
  expect((await server.call("GET", url, { headers: { accept: "text/html" } })).status).toBe(406);
});

test("v3 describes models with texts, defaults, choices and the marks of lists", async () => {
  const { paths, components } = await document("api/v1");
  const { properties } = components.schemas["io.k8s.api.core.v1.PodSpec"];
  expect(properties.containers).toMatchObject({
    description: expect.stringContaining("List of containers belonging to the pod"),
    items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }], default: {} },
    type: "array",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-list-type": "map",
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-patch-strategy": "merge",
  });
  expect(properties.restartPolicy.enum).toEqual(["Always", "Never", "OnFailure"]);
  const port = components.schemas["io.k8s.api.core.v1.ContainerPort"].properties;
  expect(port.protocol.default).toBe("TCP");
  expect(port.containerPort).toMatchObject({ type: "integer", format: "int32", default: 0 });
  const patch = paths["/api/v1/namespaces/{namespace}/pods/{name}"].patch;
  expect(patch).toMatchObject({
    operationId: "patchCoreV1NamespacedPod",
    "x-kubernetes-group-version-kind": { group: "", version: "v1", kind: "Pod" },
  });
  expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain("fieldValidation");
});

test("every reference within a document leads somewhere", async () => {
  const { body } = await server.call("GET", "/openapi/v2");
  const text = JSON.stringify(body);
  const refs = new Set(
    Array.from(text.matchAll(/"#\/(\w+)\/([^"]+)"/g), ([, part, name]) => `${part}/${name}`),
  );
  const missing = Array.from(refs).filter((ref) => {
    const [part = "", name = ""] = ref.split("/");
    return body[part]?.[name] === undefined;
  });
  expect(missing).toEqual([]);
  expect(refs.size).toBeGreaterThan(300);
});

test("v2 comes in protobuf for those who ask for it", async () => {
  const answer = await server.call("GET", "/openapi/v2", { headers: { accept: protobufV2 } });
  expect(answer.headers.get("content-type")).toBe(
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
  );
  expect(answer.text.slice(0, 5)).toBe("\n\x032.0");
  const headers = { accept: protobufV2, "if-none-match": answer.headers.get("etag") ?? "" };
  expect((await server.call("GET", "/openapi/v2", { headers })).status).toBe(304);
});
