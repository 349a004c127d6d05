import { expect, test } from "bun:test";
import { InProcessTransport } from "../../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { KubeletAccess } from "./kubelet-access.ts";
import { requestAttributes } from "./request-attributes.ts";

/** An API server that knows the token `good` of ann, who may read statistics; it counts what it is asked. */
function start() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const server = { isDown: false };
  const answer = async (request: Request): Promise<Response> => {
    if (server.isDown) return new Response("", { status: 503 });
    const { kind, spec } = Object(await request.json());
    asked.push(kind);
    if (kind === "TokenReview") {
      const isGood = spec.token === "good";
      return Response.json({
        kind,
        status: { authenticated: isGood, user: isGood ? { username: "ann" } : {} },
      });
    }
    const { subresource, name } = spec.resourceAttributes;
    return Response.json({ kind, status: { allowed: name === "n1" && subresource === "stats" } });
  };
  const client = createClient(new InProcessTransport(answer, {}));
  const access = new KubeletAccess({ client, nodeName: "n1", now: () => clock.now() });
  const ask = (path: string, authorization = "Bearer good") =>
    access.refusal({ method: "GET", path, authorization });
  return { clock, asked, server, access, ask };
}

test("KubeletAccess asks the API server who it is and whether he may, and believes it for a while", async () => {
  const { clock, asked, ask } = start();
  expect(await ask("/stats/summary")).toBeUndefined();
  expect(await ask("/stats/summary")).toBeUndefined();
  expect(asked).toEqual(["TokenReview", "SubjectAccessReview"]);
  await clock.advance(121_000);
  expect(await ask("/stats/summary")).toBeUndefined();
  expect(asked).toEqual(["TokenReview", "SubjectAccessReview", "TokenReview"]);
});

test("KubeletAccess refuses in the kubelet's words", async () => {
  const { server, ask } = start();
  expect(await ask("/pods", "")).toEqual({ status: 401, message: "Unauthorized" });
  expect(await ask("/pods", "Bearer bad")).toEqual({ status: 401, message: "Unauthorized" });
  expect(await ask("/pods")).toEqual({
    status: 403,
    message: "Forbidden (user=ann, verb=get, resource=nodes, subresource(s)=[pods proxy])\n",
  });
  server.isDown = true;
  expect(await ask("/pods", "Bearer other")).toEqual({ status: 401, message: "Unauthorized" });
  expect((await ask("/metrics"))?.status).toBe(500);
});

test("KubeletAccess takes a certificate's subject for the user", async () => {
  const { asked, access } = start();
  const peer = { commonName: "ann", organizations: ["ops"] };
  const request = { method: "GET", path: "/stats/summary", authorization: "", peer };
  expect(await access.refusal(request)).toBeUndefined();
  expect(asked).toEqual(["SubjectAccessReview"]);
});

test.each([
  ["GET", "/metrics/cadvisor", "get", ["metrics"]],
  ["GET", "/logs/", "get", ["log"]],
  ["GET", "/configz", "get", ["configz", "proxy"]],
  ["GET", "/runningpods/", "get", ["pods", "proxy"]],
  ["POST", "/exec/ns/p/c", "create", ["proxy"]],
  ["GET", "/podsecrets", "get", ["proxy"]],
])("requestAttributes of %s %s", (method, path, verb, subresources) => {
  expect(requestAttributes(method, path)).toEqual({ verb, subresources });
});
