import { expect, test } from "bun:test";
import type { V1Pod } from "../api/generated/types.ts";
import { isConflict, isNotFound } from "../apimachinery/errors.ts";
import { InProcessTransport } from "./in-process-transport.ts";
import { createClient } from "./rest-client.ts";
import type { ResourceClient } from "./types.ts";

function podsOf(answer: (request: Request) => Response | Promise<Response>): ResourceClient<V1Pod> {
  const client = createClient(new InProcessTransport(answer, {}));
  return client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "web");
}

test("a resource client names verb, path, query and content type", async () => {
  const seen: string[] = [];
  const pods = podsOf(async (request) => {
    const { pathname, search } = new URL(request.url);
    const type = request.headers.get("content-type") ?? "-";
    seen.push(`${request.method} ${pathname}${search} ${type} ${await request.text()}`);
    return Response.json({ items: [] });
  });
  await pods.get("a");
  await pods.list({ labelSelector: "app in (a,b)", limit: 2 });
  await pods.patch("a", { metadata: {} }, "application/merge-patch+json", "status");
  await pods.delete("a", { gracePeriodSeconds: 0, uid: "u" });
  await pods.deleteCollection(undefined, { labelSelector: "x" });
  await pods.createSubresource("a", "binding", { kind: "Binding" });
  expect(seen).toEqual([
    "GET /api/v1/namespaces/web/pods/a - ",
    "GET /api/v1/namespaces/web/pods?labelSelector=app+in+%28a%2Cb%29&limit=2 - ",
    'PATCH /api/v1/namespaces/web/pods/a/status application/merge-patch+json {"metadata":{}}',
    'DELETE /api/v1/namespaces/web/pods/a application/json {"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"u"}}',
    "DELETE /api/v1/namespaces/web/pods?labelSelector=x - ",
    'POST /api/v1/namespaces/web/pods/a/binding application/json {"kind":"Binding"}',
  ]);
});

test("a resource client throws the Status that it got", async () => {
  const pods = podsOf(() =>
    Response.json({ kind: "Status", reason: "Conflict", message: "no", code: 409 }, { status: 409 }),
  );
  const error = await pods.get("a").catch((thrown: unknown) => thrown);
  expect(isConflict(error)).toBe(true);
});

test("a resource client makes a Status of an answer that is none", async () => {
  const pods = podsOf(() => new Response("<html>no such page</html>", { status: 404 }));
  const error = await pods.get("a").catch((thrown: unknown) => thrown);
  expect(isNotFound(error)).toBe(true);
  expect(String(error)).toContain("no such page");
});
