import { expect, test } from "bun:test";
import { duplexPair } from "node:stream";
import fc from "../../../test/framework/fast-check.ts";
import { fixedResponse } from "./fixed-response.ts";
import { MessageParser } from "./message-parser.ts";
import { serveHttp } from "./serve-http.ts";

/** Writes the pieces, ends, and gives what the server answered. It hangs where the server does. */
async function converse(pieces: readonly Uint8Array[]): Promise<string> {
  const [stream, serverSide] = duplexPair();
  const served = serveHttp(
    serverSide,
    {
      handler: async (request) => fixedResponse(`<${request.method} ${(await request.text()).length}>`),
      upgrade: (head) => (head.target === "/up" ? (taken) => taken.resume().end("taken") : undefined),
      limits: { lingerMs: 0, headMs: 1000, bodyStallMs: 1000 },
    },
    { remoteAddress: "test" },
  );
  let text = "";
  stream.on("error", () => {});
  stream.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  for (const piece of pieces) if (!stream.destroyed) stream.write(piece);
  // A client that has closed its side is gone: answers that are under way need not come.
  await new Promise((resolve) => setImmediate(resolve));
  stream.end();
  await served;
  return text;
}

const seeds = [
  "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
  "GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: t\r\n\r\nrest",
];

const snippets = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  ":",
  " ",
  "0",
  "-1",
  "Content-Length: 3\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: y\r\n",
];

/** One change to a text: where, how many characters go, what comes instead. */
const mutation = fc.record({
  at: fc.nat({ max: 200 }),
  drop: fc.nat({ max: 6 }),
  insert: fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 4 })),
});

test("mutated requests, however cut, crash and hang nothing, and get no more answers than there are requests", async () => {
  const input = fc.tuple(
    fc.array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 3 }),
    fc.array(mutation, { maxLength: 4 }),
    fc.integer({ min: 1, max: 64 }),
  );
  await fc.assert(
    fc.asyncProperty(input, async ([requests, mutations, pieceBytes]) => {
      let text = requests.join("");
      for (const { at, drop, insert } of mutations) {
        const index = at % (text.length + 1);
        text = text.slice(0, index) + insert + text.slice(index + drop);
      }
      const bytes = Buffer.from(text, "latin1");
      const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
        bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
      );
      const answers = (await converse(pieces)).match(/HTTP\/1\.1 [2-5]/g)?.length ?? 0;
      // One more where a mutation makes a request's rest look like another, malformed one.
      const possible = text.split(/HTTP\/1/).length + 1;
      expect(answers).toBeLessThanOrEqual(possible);
    }),
    { numRuns: 300 },
  );
});

test("random bytes are answered with one refusal or nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), async (pieces) => {
      const text = await converse(pieces);
      expect(text === "" || /^HTTP\/1\.1 [45]/.test(text)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("the parser finds the same messages however the bytes are cut", () => {
  const parse = (pieces: readonly Buffer[]): string[] => {
    const found: string[] = [];
    let body = "";
    const parser = new MessageParser(
      "request",
      {
        onHead: (head) => {
          body = "";
          found.push(`${head.method} ${head.rawHeaders.join()}`);
          return false;
        },
        onBody: (bytes) => {
          body += bytes.toString("latin1");
        },
        onEnd: () => void found.push(body),
      },
      64 * 1024,
    );
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0; ) {
        rest = rest.subarray(parser.execute(rest));
        parser.next();
      }
    }
    return found;
  };
  const requests = fc.array(fc.constantFrom(...seeds.slice(0, 4)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(requests, fc.array(fc.nat({ max: 400 })), (texts, cuts) => {
      const bytes = Buffer.from(texts.join(""));
      const places = [...new Set([0, bytes.length, ...cuts.map((cut) => cut % bytes.length)])].sort(
        (a, b) => a - b,
      );
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(parse(pieces)).toEqual(parse([bytes]));
    }),
  );
});
