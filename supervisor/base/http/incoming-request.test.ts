import { expect, test } from "bun:test";
import { fixedPartsOf, fixedResponse } from "./fixed-response.ts";
import { IncomingBody } from "./incoming-body.ts";
import { incomingRequest } from "./incoming-request.ts";
import type { RequestHead } from "./request-head.ts";

function request(method: string, target: string, body = ""): Request {
  const head: RequestHead = {
    ...{ method, target, host: "box:6443", rawHeaders: ["Accept", "a", "accept", "b", "X-One", "1"] },
    ...{ keepAlive: true, http10: false, chunked: false, contentLength: body.length },
    ...{ expectsContinue: false, upgrade: undefined },
  };
  const ignore = (): void => undefined;
  const incoming = new IncomingBody({ wanted: ignore, full: ignore, discarded: ignore });
  if (body !== "") incoming.push(Buffer.from(body));
  incoming.end();
  return incomingRequest(head, incoming);
}

test("an incoming request answers as the platform's does", async () => {
  const targets = [
    "/a/b.c?d=e%20f&g=",
    "/a/../b",
    "/a/%2e%2E/b",
    "/a//b/./c",
    "/a/b#c",
    "/a\\b",
    '/a?q="<>',
    "/a?q='x'|{}",
    "/a/b..c/...d",
  ];
  for (const target of targets) {
    const ours = request("POST", target, "{}");
    const theirs = new Request(`https://box:6443${target}`, { method: "POST", body: "{}" });
    // A fragment is no part of what a client may send; neither has it told apart what comes before.
    expect(new URL(ours.url).pathname).toBe(new URL(theirs.url).pathname);
    expect(new URL(ours.url).search).toBe(new URL(theirs.url).search);
    expect(ours instanceof Request).toBe(true);
  }
  const ours = request("POST", "/a", '{"a":"ä"}');
  expect([ours.method, ours.headers.get("accept"), ours.headers.get("x-one"), ours.headers.get("y")]).toEqual(
    ["POST", "a, b", "1", null],
  );
  expect(ours.bodyUsed).toBe(false);
  expect(await ours.json()).toEqual({ a: "ä" });
  expect(ours.bodyUsed).toBe(true);
  await expect(ours.text()).rejects.toThrow("read already");
  expect(Buffer.from(await request("PUT", "/a", "bytes").arrayBuffer()).toString()).toBe("bytes");
  expect(await new Response(request("PUT", "/a", "stream").body).text()).toBe("stream");
  expect(Buffer.from(await request("PUT", "/a", "bytes").bytes()).toString()).toBe("bytes");
  expect(await request("PUT", "/a", "twice").clone().text()).toBe("twice");
  expect(request("GET", "/a").body).toBeNull();
});

test("a fixed response is sent by its parts until somebody looks into it", async () => {
  const fixed = fixedResponse("text", { status: 201, headers: { "x-one": "1" } });
  expect([fixed.status, fixed.ok, fixed instanceof Response]).toEqual([201, true, true]);
  expect(fixedPartsOf(fixed)).toEqual({ status: 201, headers: { "x-one": "1" }, body: "text" });
  expect(fixed.headers.get("X-One")).toBe("1");
  expect(fixedPartsOf(fixed)).toBeUndefined();
  expect(await fixed.text()).toBe("text");
  expect(fixed.bodyUsed).toBe(true);
  expect(await fixedResponse("[1]").json()).toEqual([1]);
  expect(fixedPartsOf(new Response("text"))).toBeUndefined();
  expect(() => fixedResponse("", { headers: { "x-one": "1\r\nx-two: 2" } })).toThrow(TypeError);
});
