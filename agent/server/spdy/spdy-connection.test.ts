import { expect, test } from "bun:test";
import { type Duplex, duplexPair } from "node:stream";
import fc from "../../../test/framework/fast-check.ts";
import { HeaderDecoder, HeaderEncoder } from "./header-block.ts";
import { SpdyConnection } from "./spdy-connection.ts";
import {
  controlType,
  encodeControl,
  encodeData,
  type FramePiece,
  SpdyFrameReader,
  words,
} from "./spdy-frame.ts";
import type { SpdyStream } from "./spdy-stream.ts";

/** A client made of the frames that kubectl sends. */
class Client {
  readonly stream: Duplex;
  readonly pieces: FramePiece[] = [];
  readonly #encoder = new HeaderEncoder();
  #wake = (): void => {};

  constructor(stream: Duplex) {
    this.stream = stream;
    const reader = new SpdyFrameReader();
    stream.on("error", () => {});
    stream.on("data", (bytes: Buffer) => {
      this.pieces.push(...reader.read(bytes));
      this.#wake();
    });
  }

  async open(streamId: number, headers: Record<string, string>, flags = 0): Promise<void> {
    const block = await this.#encoder.encode(new Map(Object.entries(headers)));
    const payload = Buffer.concat([words(streamId, 0), Buffer.from([0, 0]), block]);
    this.stream.write(encodeControl(controlType.synStream, flags, payload));
  }

  send(streamId: number, text: string | Buffer, fin = false): void {
    this.stream.write(encodeData(streamId, Buffer.from(text), fin));
  }

  data(streamId: number): Buffer {
    const mine = this.pieces.filter((piece) => piece.kind === "data" && piece.streamId === streamId);
    return Buffer.concat(mine.map((piece) => piece.payload));
  }

  controls(type: number): readonly Buffer[] {
    return this.pieces
      .filter((piece) => piece.kind === "control" && piece.type === type)
      .map((piece) => piece.payload);
  }

  ended(streamId: number): boolean {
    return this.pieces.some((piece) => piece.kind === "data" && piece.streamId === streamId && piece.fin);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function connect(onStream: (stream: SpdyStream) => void) {
  const [stream, serverSide] = duplexPair();
  return { client: new Client(stream), connection: new SpdyConnection(serverSide, onStream), serverSide };
}

const echo = (stream: SpdyStream): void => void stream.pipe(stream);

test("streams are answered, carry bytes and end one way at a time", async () => {
  const seen: (string | undefined)[] = [];
  const { client } = connect((stream) => {
    seen.push(stream.headers.get("streamtype"));
    echo(stream);
  });
  await client.open(1, { streamType: "stdin" });
  await client.open(3, { streamType: "stdout" });
  client.send(1, "one");
  client.send(3, "three ");
  client.send(3, "more", true);
  client.send(1, "", true);
  await client.until(() => client.ended(1) && client.ended(3));
  expect(client.data(1).toString()).toBe("one");
  expect(client.data(3).toString()).toBe("three more");
  expect(seen).toEqual(["stdin", "stdout"]);
  const decoder = new HeaderDecoder();
  for (const reply of client.controls(controlType.synReply))
    expect((await decoder.decode(reply.subarray(4))).size).toBe(0);
});

test("a client that heeds no windows is sent any amount, one that does is held to them", async () => {
  const big = Buffer.alloc(300_000, "x");
  const { client } = connect((stream) => void stream.end(big));
  await client.open(1, {});
  await client.until(() => client.ended(1));
  expect(client.data(1).length).toBe(big.length);

  const heeding = connect((stream) => void stream.end(big)).client;
  heeding.stream.write(encodeControl(controlType.windowUpdate, 0, words(0, 1_000_000)));
  await heeding.open(1, {});
  await heeding.until(() => heeding.data(1).length >= 65_536);
  heeding.stream.write(encodeControl(controlType.ping, 0, words(7)));
  await heeding.until(() => heeding.controls(controlType.ping).length === 1);
  expect(heeding.data(1).length).toBe(65_536);
  heeding.stream.write(encodeControl(controlType.windowUpdate, 0, words(1, 1_000_000)));
  await heeding.until(() => heeding.ended(1));
  expect(heeding.data(1).length).toBe(big.length);
});

test("what is read is given back to the client's windows", async () => {
  const { client } = connect((stream) => void stream.resume());
  await client.open(1, {});
  for (let i = 0; i < 10; i++) client.send(1, Buffer.alloc(10_000));
  await client.until(() => client.controls(controlType.windowUpdate).length >= 4);
  const given = client
    .controls(controlType.windowUpdate)
    .map((payload) => [payload.readUInt32BE(0), payload.readUInt32BE(4)]);
  expect(given.slice(0, 2)).toEqual([
    [1, 40_000],
    [0, 40_000],
  ]);
});

test("a stream that is not read holds the client up", async () => {
  const { client } = connect(() => {});
  await client.open(1, {});
  let sent = 0;
  while (client.stream.write(encodeData(1, Buffer.alloc(16_384), false)) && sent < 100) sent++;
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    while (sent < 100 && !client.stream.writableNeedDrain) {
      client.stream.write(encodeData(1, Buffer.alloc(16_384), false));
      sent++;
    }
  }
  expect(sent).toBeLessThan(30);
});

test("a reset and a lost connection end streams, and the server can say good-bye", async () => {
  const closed: number[] = [];
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const { client, connection } = connect((stream) => {
    stream.on("close", () => {
      closed.push(stream.streamId);
      if (closed.length === 2) resolve();
    });
  });
  await client.open(1, {});
  await client.open(3, {});
  client.stream.write(encodeControl(controlType.rstStream, 0, words(1, 5)));
  await client.until(() => client.controls(controlType.synReply).length === 2);
  connection.close();
  await client.until(() => client.controls(controlType.goAway).length === 1);
  client.stream.end();
  await both;
  await connection.closed;
  expect(closed).toEqual([1, 3]);
});

const violations: readonly [string, Buffer][] = [
  ["another version", Buffer.from([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])],
  ["a control frame too long", Buffer.from([0x80, 3, 0, 6, 0, 1, 0, 0])],
  ["a control frame too short", encodeControl(controlType.windowUpdate, 0, words(1))],
  ["garbage for headers", encodeControl(controlType.synStream, 0, Buffer.alloc(40, 0xff))],
  ["a reply that nobody asked for", encodeControl(controlType.synReply, 0, words(1))],
];
test.each(violations)("%s ends the connection", async (_name, bytes) => {
  const { client, connection, serverSide } = connect(echo);
  client.stream.write(bytes);
  await connection.closed;
  expect(serverSide.destroyed).toBe(true);
});

test("headers that unfold to more than 64 KiB end the connection", async () => {
  const { client, connection, serverSide } = connect(echo);
  await client.open(1, { bomb: "x".repeat(60_000) });
  expect(serverSide.destroyed).toBe(false);
  const deflated = await new HeaderEncoder()
    .encode(
      new Map([
        ["bomb", "x".repeat(60_000)],
        ["b", "y".repeat(10_000)],
      ]),
    )
    .catch(() => undefined);
  expect(deflated).toBeDefined();
  client.stream.write(
    encodeControl(controlType.headers, 0, Buffer.concat([words(1), deflated ?? Buffer.alloc(0)])),
  );
  await connection.closed;
  expect(serverSide.destroyed).toBe(true);
});

test("any bytes end in no worse than a closed connection", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, likely) => {
        const { client, connection } = connect(echo);
        for (const chunk of chunks) {
          if (likely)
            client.stream.write(Buffer.from([0x80, 3, 0, chunk[0] ?? 0 % 10, 0, 0, 0, chunk.length]));
          client.stream.write(chunk);
        }
        client.stream.end();
        await connection.closed;
      },
    ),
    { numRuns: 100 },
  );
});
