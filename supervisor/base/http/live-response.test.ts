import { expect, test } from "bun:test";
import { duplexPair } from "node:stream";
import { type LiveSink, liveResponse } from "./live-response.ts";
import { serveHttp } from "./serve-http.ts";

/** A body that a test makes part by part. */
function openBody() {
  const { promise: attached, resolve } = Promise.withResolvers<LiveSink>();
  const seen: string[] = [];
  const response = liveResponse(
    { attach: resolve, cancel: () => void seen.push("cancel") },
    { "content-type": "text/plain" },
  );
  return { attached, seen, response };
}

function serve(response: Response, onAbort: () => void = () => {}) {
  const [stream, serverSide] = duplexPair();
  let text = "";
  stream.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  const handler = (_request: Request, connection: { readonly signal: AbortSignal }) => {
    connection.signal.addEventListener("abort", onAbort);
    return response;
  };
  const served = serveHttp(serverSide, { handler, limits: { lingerMs: 1 } }, { remoteAddress: "test" });
  return { stream, serverSide, served, text: () => text };
}

test("a live response sends its parts as chunks when they are made, and ends", async () => {
  const { attached, response } = openBody();
  const { stream, served, text } = serve(response);
  stream.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const sink = await attached;
  sink.write(Buffer.from("one"));
  sink.write(Buffer.from("twenty characters..."));
  await sink.drained();
  sink.end();
  sink.end();
  await served;
  expect(text()).toEndWith("\r\n\r\n3\r\none\r\n14\r\ntwenty characters...\r\n0\r\n\r\n");
  expect(text()).toContain("content-type: text/plain");
});

test("a connection that is cut ends a live response, also where its source hears of it first", async () => {
  for (const endsItself of [false, true]) {
    const { attached, response, seen } = openBody();
    let sink: LiveSink | undefined;
    const onAbort = () => (endsItself ? sink?.end() : undefined);
    const { stream, serverSide, served } = serve(response, onAbort);
    stream.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    sink = await attached;
    sink.write(Buffer.from("one"));
    serverSide.destroy();
    await served;
    expect(seen).toEqual(endsItself ? [] : ["cancel"]);
  }
});

test("a live response is a Response to whoever looks into it", async () => {
  const { attached, response, seen } = openBody();
  expect([response.status, response.ok, response instanceof Response]).toEqual([200, true, true]);
  expect(response.headers.get("content-type")).toBe("text/plain");
  const reader = response.body?.getReader();
  const sink = await attached;
  expect(sink.write(Buffer.from("abc"))).toBe(3);
  expect(Buffer.from((await reader?.read())?.value ?? "").toString()).toBe("abc");
  await reader?.cancel();
  expect(seen).toEqual(["cancel"]);
});
