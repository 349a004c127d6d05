import { expect, test } from "bun:test";
import { type Duplex, duplexPair } from "node:stream";
import { fixedResponse } from "./fixed-response.ts";
import type { HttpLimits, HttpOptions } from "./http-options.ts";
import { BodyTooLargeError, readBody } from "./read-body.ts";
import { serveHttp } from "./serve-http.ts";

const echo: HttpOptions["handler"] = async (request) =>
  fixedResponse(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);

interface Client {
  readonly stream: Duplex;
  readonly served: Promise<void>;
  /** What has come so far. */
  received(): string;
  until(text: string | RegExp): Promise<string>;
}

function connect(options: Partial<HttpOptions> & { readonly signal?: AbortSignal } = {}): Client {
  const [stream, serverSide] = duplexPair();
  const served = serveHttp(
    serverSide,
    { handler: echo, ...options },
    { remoteAddress: "test", ...(options.signal === undefined ? {} : { signal: options.signal }) },
  );
  let text = "";
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const wake of waiting) wake();
  };
  stream.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    changed();
  });
  stream.on("close", changed);
  stream.on("end", changed);
  stream.on("error", () => {});
  const until = async (wanted: string | RegExp): Promise<string> => {
    while (typeof wanted === "string" ? !text.includes(wanted) : !wanted.test(text)) {
      if (stream.readableEnded || stream.destroyed)
        throw new Error(`The stream ended with ${JSON.stringify(text)}`);
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
    return text;
  };
  return { stream, served, received: () => text, until };
}

async function exchange(bytes: string | Buffer, options: Partial<HttpOptions> = {}): Promise<string> {
  const client = connect({ ...options, limits: { lingerMs: 1, ...options.limits } });
  client.stream.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  await client.served;
  return client.received();
}

const close = "Connection: close\r\n";

test("a request gets its answer with the length", async () => {
  const text = await exchange(`GET /a?b=c HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
  expect(text).toStartWith("HTTP/1.1 200 OK\r\n");
  expect(text).toContain("content-length: 7\r\n");
  expect(text).toContain("connection: close\r\n");
  expect(text).toMatch(/date: \w{3}, \d\d \w{3} \d{4} /);
  expect(text).toEndWith("\r\n\r\nGET /a ");
});

test("pipelined requests are answered in order on one connection, byte by byte too", async () => {
  const bytes = [
    "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nTrailer: t\r\n\r\n",
    "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
    `GET /4 HTTP/1.1\r\nHost: x\r\n${close}\r\n`,
  ].join("");
  const whole = await exchange(bytes);
  expect(whole.match(/(GET|POST) \/\d \w*?(?=HTTP|$)/g)).toEqual([
    "POST /1 abc",
    "POST /2 def",
    "GET /3 ",
    "GET /4 ",
  ]);
  const client = connect();
  for (const character of bytes) client.stream.write(character);
  await client.until("GET /4 ");
  const undated = (text: string): string => text.replaceAll(/date: [^\r]*/g, "");
  expect(undated(client.received())).toBe(undated(whole));
});

test("HEAD gets no body and keeps the connection in step", async () => {
  const text = await exchange(
    `HEAD /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n${close}\r\n`,
  );
  expect(text).toContain("content-length: 8\r\n");
  expect(text).not.toContain("HEAD /1");
  expect(text).toEndWith("GET /2 ");
});

test("a streamed answer sends its head before the first chunk and each chunk as it comes", async () => {
  let source: ReadableStreamDefaultController<Uint8Array> | undefined;
  const client = connect({
    handler: () =>
      new Response(
        new ReadableStream({
          start(controller) {
            source = controller;
          },
        }),
      ),
  });
  client.stream.write("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n");
  const head = await client.until("\r\n\r\n");
  expect(head).toContain("transfer-encoding: chunked\r\n");
  source?.enqueue(Buffer.from("one"));
  await client.until("3\r\none\r\n");
  source?.enqueue(Buffer.from("three"));
  source?.close();
  await client.until("5\r\nthree\r\n0\r\n\r\n");
  client.stream.destroy();
});

test("HTTP 1.0 gets a stream without chunks, up to the end", async () => {
  const text = await exchange("GET / HTTP/1.0\r\n\r\n", { handler: () => new Response("plain") });
  expect(text).not.toContain("chunked");
  expect(text).toEndWith("\r\n\r\nplain");
});

test("the signal aborts and the answer's stream is cancelled when the client leaves", async () => {
  const seen: string[] = [];
  const { promise: inHandler, resolve: handled } = Promise.withResolvers<void>();
  const client = connect({
    handler: (_request, connection) => {
      connection.signal.addEventListener("abort", () => seen.push("abort"));
      handled();
      return new Response(
        new ReadableStream({
          cancel() {
            seen.push("cancel");
          },
        }),
      );
    },
  });
  client.stream.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await inHandler;
  await client.until("\r\n\r\n");
  client.stream.end();
  await client.served;
  expect(seen.toSorted()).toEqual(["abort", "cancel"]);
});

test("100 Continue is sent when the body is read, and not when it is refused unread", async () => {
  const head = "POST /u HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  const client = connect();
  client.stream.write(head);
  expect(await client.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  client.stream.write("body");
  await client.until("POST /u body");
  client.stream.destroy();
  const refused = await exchange(head, { handler: () => fixedResponse("no", { status: 403 }) });
  expect(refused).toStartWith("HTTP/1.1 403 Forbidden\r\n");
  expect(refused).toContain("connection: close");
});

test("readBody refuses what is too long, declared or not", async () => {
  const handler: HttpOptions["handler"] = async (request) => {
    try {
      return fixedResponse(String((await readBody(request, 100_000)).byteLength));
    } catch (error) {
      expect(error).toBeInstanceOf(BodyTooLargeError);
      return fixedResponse("too large", { status: 413 });
    }
  };
  const big = "x".repeat(200_000);
  const declared = await exchange(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n${close}\r\n${big}`,
    {
      handler,
    },
  );
  expect(declared).toStartWith("HTTP/1.1 413 ");
  const chunked = `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${(200_000).toString(16)}\r\n${big}`;
  expect(await exchange(chunked, { handler })).toStartWith("HTTP/1.1 413 ");
  const right = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99000\r\n${close}\r\n${"x".repeat(99_000)}`;
  expect(await exchange(right, { handler })).toEndWith("99000");
});

test("a body is read no faster than its reader takes it", async () => {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const client = connect({
    handler: async (request) => {
      await go;
      return fixedResponse(String((await request.arrayBuffer()).byteLength));
    },
  });
  client.stream.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  let sent = 0;
  while (client.stream.write(chunk) && sent < 100) sent++;
  expect(sent).toBeLessThan(20);
  release();
  client.stream.write("0\r\n\r\n");
  await client.until(String((sent + 1) * 0x10000));
  client.stream.destroy();
});

test("a client that stops reading is dropped", async () => {
  const [stream, serverSide] = duplexPair();
  let pulled = 0;
  const body = (): ReadableStream =>
    new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
  const served = serveHttp(
    serverSide,
    { handler: () => new Response(body()), limits: { writeStallMs: 20 } },
    { remoteAddress: "test" },
  );
  stream.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await served;
  expect(pulled).toBeLessThan(20);
});

const timeouts: readonly [string, Partial<HttpLimits>, string, RegExp][] = [
  ["a slow head", { headMs: 20 }, "GET / HT", /^HTTP\/1.1 408 /],
  [
    "a stalled body",
    { bodyStallMs: 20 },
    "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
    /^HTTP\/1.1 408 /,
  ],
  ["an idle connection", { headMs: 20 }, "", /^$/],
  ["an idle kept connection", { idleMs: 20 }, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", /GET \/ $/],
];
test.each(timeouts)("%s is ended after its time", async (_name, limits, bytes, expected) => {
  expect(await exchange(bytes, { limits })).toMatch(expected);
});

const get = "GET / HTTP/1.1\r\nHost: x\r\n";
const refusals: readonly [string, string, number][] = [
  ["no HTTP", "hello\r\n\r\n", 400],
  ["an unknown method", "FROB / HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["HTTP 2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505],
  ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two hosts", `${get}Host: y\r\n\r\n`, 400],
  ["a host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400],
  ["a relative target", "GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["a target with a control character", "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["TRACE", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 501],
  ["length and chunks", `${get}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["chunks and length", `${get}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`, 400],
  ["two lengths", `${get}Content-Length: 3\r\nContent-Length: 3\r\n\r\n`, 400],
  ["two different lengths", `${get}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`, 400],
  ["a list of lengths", `${get}Content-Length: 3, 3\r\n\r\n`, 400],
  ["a signed length", `${get}Content-Length: +3\r\n\r\n`, 400],
  ["a hexadecimal length", `${get}Content-Length: 0x3\r\n\r\n`, 400],
  ["an empty length", `${get}Content-Length:\r\n\r\n`, 400],
  ["gzip, chunked", `${get}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ["xchunked", `${get}Transfer-Encoding: xchunked\r\n\r\n`, 501],
  ["two encodings", `${get}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n`, 400],
  ["chunks in HTTP 1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ["a space before the colon", `${get}Transfer-Encoding : chunked\r\n\r\n`, 400],
  ["a folded header", `${get}A: b\r\n c\r\n\r\n`, 400],
  ["a header without a colon", `${get}A\r\n\r\n`, 400],
  ["a header without a name", `${get}: a\r\n\r\n`, 400],
  ["a NUL in a header", `${get}A: b\0c\r\n\r\n`, 400],
  ["a CR in a header", `${get}A: b\rc\r\n\r\n`, 400],
  ["bare line feeds", "GET / HTTP/1.1\nHost: x\n\n", 400],
  ["a head too long", `${get}A: ${"b".repeat(70_000)}\r\n\r\n`, 431],
  ["a head too long without an end", `${get}A: ${"b".repeat(70_000)}`, 431],
  ["too many empty lines", "\r\n".repeat(40_000), 431],
  ["an unknown expectation", `${get}Expect: tea\r\n\r\n`, 417],
];
test.each(refusals)("%s is refused", async (_name, bytes, status) => {
  const text = await exchange(bytes);
  expect(text).toStartWith(`HTTP/1.1 ${status} `);
  expect(text).toContain("connection: close\r\n");
  expect(text.match(/HTTP\/1.1/g)).toHaveLength(1);
});

const badChunks = [
  "-1\r\n",
  "0x1\r\na\r\n",
  " 1\r\na\r\n",
  "1\r\nab\r\n",
  "\r\n",
  "g\r\n",
  `1;${"x".repeat(500)}\r\n`,
  "1\na\n",
];
test.each(badChunks)("the chunk %j is refused", async (chunk) => {
  const head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const text = await exchange(head + chunk, {
    handler: async (request) => fixedResponse(await request.text().catch(() => "cut off"), { status: 400 }),
  });
  expect(text).toStartWith("HTTP/1.1 400 ");
  expect(text.match(/HTTP\/1.1/g)).toHaveLength(1);
});

test("blanks round a header's value go, no-break spaces stay", async () => {
  const handler: HttpOptions["handler"] = (request) => fixedResponse(`<${request.headers.get("a")}>`);
  const bytes = `GET / HTTP/1.1\r\nHost: x\r\nA: \t \xc3\xa0 b \t\r\n${close}\r\n`;
  expect(await exchange(bytes, { handler })).toEndWith(Buffer.from("<\xc3\xa0 b>").toString("latin1"));
});

test("headers keep their bytes", async () => {
  const handler: HttpOptions["handler"] = (request) => fixedResponse(request.headers.get("a") ?? "");
  expect(
    await exchange(`GET / HTTP/1.1\r\nHost: x\r\nA: \xe9\x8d\x8a\r\n${close}\r\n`, { handler }),
  ).toEndWith(Buffer.from("\xe9\x8d\x8a").toString("latin1"));
});

test("a handler that throws gives a plain 500 and tells why", async () => {
  const errors: unknown[] = [];
  const text = await exchange(`GET / HTTP/1.1\r\nHost: x\r\n${close}\r\n`, {
    handler: () => Promise.reject(new Error("broken")),
    onHandlerError: (error) => errors.push(error),
  });
  expect(text).toStartWith("HTTP/1.1 500 Internal Server Error\r\n");
  expect(text).not.toContain("broken");
  expect(errors).toHaveLength(1);
});

test("an upgrade hands the stream over with the bytes that follow the head", async () => {
  const client = connect({
    upgrade: (head) =>
      head.target !== "/up"
        ? undefined
        : (stream) => {
            stream.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
            stream.on("data", (bytes: Buffer) => stream.write(`<${bytes}>`));
            stream.on("end", () => stream.end());
            stream.resume();
          },
  });
  const upgrade = "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: test/1\r\n\r\n";
  client.stream.write(`POST /other HTTP/1.1\r\n${upgrade}`);
  await client.until("POST /other ");
  client.stream.write(`POST /up HTTP/1.1\r\nContent-Length: 0\r\n${upgrade}first`);
  await client.until("<first>");
  client.stream.write("second");
  await client.until("<second>");
  client.stream.end();
  await client.served;
});

test("the signal lets the request in work end and takes no other", async () => {
  const stopping = new AbortController();
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const { promise: inHandler, resolve: handled } = Promise.withResolvers<void>();
  const client = connect({
    signal: stopping.signal,
    limits: { lingerMs: 1 },
    handler: async () => {
      handled();
      await go;
      return fixedResponse("done");
    },
  });
  client.stream.write("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await inHandler;
  stopping.abort();
  release();
  await client.served;
  expect(client.received().match(/done/g)).toHaveLength(1);
  expect(client.received()).toContain("connection: close");
});
