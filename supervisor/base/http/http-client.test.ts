import { expect, test } from "bun:test";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fixedResponse } from "./fixed-response.ts";
import { type ClientRequest, sendRequest } from "./http-client.ts";
import type { HttpOptions } from "./http-options.ts";
import { serveHttp } from "./serve-http.ts";

const get: ClientRequest = { method: "GET", target: "/a", headers: [] };

function served(options: HttpOptions) {
  const [stream, serverSide] = duplexPair();
  void serveHttp(serverSide, options, { remoteAddress: "test" });
  return stream;
}

/** The outcome of a request whose server says just these bytes, and then closes. */
async function answerOf(bytes: string, request = get): Promise<string> {
  const [stream, serverSide] = duplexPair();
  serverSide.on("error", () => {});
  serverSide.resume();
  serverSide.end(Buffer.from(bytes, "latin1"));
  try {
    const answer = await sendRequest(stream, request);
    return answer.kind === "response"
      ? `${answer.response.status} ${await answer.response.text()}`
      : answer.kind;
  } catch (error) {
    return String(error);
  }
}

async function response(stream: ReturnType<typeof served>, request: ClientRequest): Promise<Response> {
  const answer = await sendRequest(stream, request);
  if (answer.kind !== "response") throw new Error("An upgrade was not expected");
  return answer.response;
}

test("a request and its answer pass, with bodies", async () => {
  const stream = served({
    handler: async (request) =>
      fixedResponse(`${request.headers.get("x")} ${await request.text()}`, { status: 201 }),
  });
  const body = new Response("body").body;
  const answer = await response(stream, { method: "POST", target: "/", headers: [["X", "y"]], body });
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe("y body");
  expect(stream.destroyed).toBe(true);
});

test("a body goes as long as it is said to be, for those who read no chunks, and nothing follows it", async () => {
  const sent = async (text: string, bodyBytes: number): Promise<string> => {
    const [stream, serverSide] = duplexPair();
    const received = buffer(serverSide);
    const request = { method: "POST", target: "/", headers: [], body: new Response(text).body, bodyBytes };
    const failure = sendRequest(stream, request).catch((error: Error) => error.message);
    // What is known to be wrong closes the stream; otherwise the answer is awaited.
    if (text.length === bodyBytes) setImmediate(() => stream.end());
    const bytes = String(await received);
    return text.length === bodyBytes ? bytes : String(await failure);
  };
  expect(await sent("body", 4)).toBe("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
  expect(await sent("body", 3)).toBe("The body is not of the 3 bytes that it should have");
  expect(await sent("body", 5)).toBe("The body is not of the 5 bytes that it should have");
});

test("a streamed answer comes as it is sent, and leaving it closes the stream", async () => {
  let cancelled = (): void => {};
  const left = new Promise<void>((resolve) => {
    cancelled = resolve;
  });
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from("first")),
    cancel: () => cancelled(),
  });
  const answer = await response(served({ handler: () => new Response(body) }), get);
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
  await reader?.cancel();
  await left;
});

test("the signal ends a request in mid-answer", async () => {
  const stopping = new AbortController();
  const stream = served({ handler: () => new Response(new ReadableStream({})) });
  const answer = await response(stream, { ...get, signal: stopping.signal });
  stopping.abort(new Error("enough"));
  expect(await answer.text().catch((error: Error) => error.message)).toBe("enough");
});

test("an upgrade leaves the stream to the caller", async () => {
  const stream = served({
    handler: () => fixedResponse("no"),
    upgrade: () => (taken) => {
      taken.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: t\r\n\r\nearly ");
      taken.pipe(taken);
    },
  });
  const headers = [
    ["Connection", "Upgrade"],
    ["Upgrade", "t"],
  ] as const;
  const answer = await sendRequest(stream, { ...get, headers });
  expect(answer.kind).toBe("upgraded");
  stream.end("late");
  expect((await buffer(stream)).toString()).toBe("early late");
});

test.each([
  ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok"],
  ["HTTP/1.1 200 OK\r\n\r\nup to the end", "200 up to the end"],
  ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok"],
  ["HTTP/1.1 204 No Content\r\n\r\n", "204 "],
  ["", "ProtocolError: The connection closed before an answer"],
  ["HTTP/1.1 200 OK\r\n", "ProtocolError: The stream ended in mid-message"],
  ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "ProtocolError: The stream ended in mid-message"],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    "ProtocolError: The stream ended in mid-message",
  ],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "ProtocolError: The answer's Transfer-Encoding is not chunked",
  ],
  ["SSH-2.0-x\r\n", "ProtocolError: The message is malformed"],
])("the answer %j is read as %j", async (bytes, expected) => {
  expect(await answerOf(bytes)).toBe(expected);
});
