import { expect, test } from "bun:test";
import { type Duplex, duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "../../../test/framework/fast-check.ts";
import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { encodeCredit, encodeFrame, frameType, initialCreditBytes } from "./frame.ts";
import { Multiplexer } from "./multiplexer.ts";

class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();
  now(): number {
    return this.#now;
  }
  steady(): number {
    return this.#now;
  }
  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
  }
}

function pair(onStream: (stream: Duplex) => void, clock: Clock = systemClock) {
  const [left, right] = duplexPair();
  const dialler = new Multiplexer(left, { role: "dialler", clock });
  const listener = new Multiplexer(right, { role: "listener", clock, onStream });
  return { left, right, dialler, listener };
}

const echo = (stream: Duplex): void => void stream.pipe(stream);

test("a stream carries bytes both ways and ends one way at a time", async () => {
  const { dialler } = pair(echo);
  const stream = dialler.open();
  stream.write("hello ");
  stream.end("world");
  expect((await buffer(stream)).toString()).toBe("hello world");
});

test("both sides open streams", async () => {
  const [left, right] = duplexPair();
  const one = new Multiplexer(left, { role: "dialler", clock: systemClock, onStream: echo });
  const two = new Multiplexer(right, { role: "listener", clock: systemClock, onStream: echo });
  const streams = [one.open(), two.open(), one.open(), two.open()];
  for (const [index, stream] of streams.entries()) stream.end(`stream ${index}`);
  const texts = await Promise.all(streams.map(async (stream) => (await buffer(stream)).toString()));
  expect(texts).toEqual(["stream 0", "stream 1", "stream 2", "stream 3"]);
});

test("a stream that is not read holds up no other and keeps a bounded number of bytes", async () => {
  const silent: Duplex[] = [];
  const { dialler } = pair((stream) => {
    if (silent.length === 0) silent.push(stream);
    else echo(stream);
  });
  const stuck = dialler.open();
  const chunk = Buffer.alloc(64 * 1024);
  let taken = 0;
  for (let i = 0; i < 100; i++) stuck.write(chunk, (error) => !error && taken++);
  const other = dialler.open();
  const big = Buffer.alloc(5_000_000, "x");
  other.end(big);
  expect((await buffer(other)).equals(big)).toBe(true);
  expect(taken).toBe(Math.floor(initialCreditBytes / chunk.length));
  stuck.destroy();
});

test("streams take turns", async () => {
  const order: number[] = [];
  let opened = 0;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const { dialler } = pair((stream) => {
    const index = opened++;
    stream.on("data", () => order.push(index));
    stream.on("end", () => order.filter((i) => i === 1).length === 8 && resolve());
  });
  const first = dialler.open();
  const second = dialler.open();
  first.end(Buffer.alloc(2_000_000));
  second.end(Buffer.alloc(8 * 16 * 1024));
  await done;
  expect(order.lastIndexOf(1)).toBeLessThan(40);
});

test("destroying a stream resets it on the other side, with the reason, and leaves the others", async () => {
  const errors: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { dialler } = pair((stream) => {
    stream.on("error", (error) => errors.push(error.message));
    stream.on("close", () => errors.length === 2 && resolve());
    echo(stream);
  });
  const [a, b, c] = [dialler.open(), dialler.open(), dialler.open()];
  a.destroy(new Error("no more"));
  b.destroy();
  await closed;
  expect(errors).toEqual(["no more", "The other side closed the stream"]);
  c.end("still here");
  expect((await buffer(c)).toString()).toBe("still here");
});

test("the end of the connection ends every stream with an error", async () => {
  const { dialler, listener, right } = pair(echo);
  const stream = dialler.open();
  const failed = buffer(stream).catch((error: Error) => error.message);
  stream.write("x");
  right.destroy();
  dialler.close("gone");
  expect(await failed).toBe("gone");
  expect((await dialler.closed).kind).toBe("closed");
  expect((await listener.closed).kind).toBe("closed");
  expect(() => dialler.open()).toThrow("gone");
});

test("a connection that is drained opens no stream, and ends with what runs through it whole", async () => {
  const { dialler, listener } = pair(echo);
  const stream = dialler.open();
  stream.write("before ");
  dialler.drain("a newer one is there");
  expect(() => dialler.open()).toThrow("a newer one is there");
  stream.end("and after");
  expect((await buffer(stream)).toString()).toBe("before and after");
  expect((await dialler.closed).message).toBe("a newer one is there");
  expect((await listener.closed).message).toBe("The other side closed the connection");
});

test("a side that does not answer pings is given up within 30 s, one that does is kept", async () => {
  const clock = new TestClock();
  const [left] = duplexPair();
  const dead = new Multiplexer(left, { role: "dialler", clock });
  const { dialler: alive } = pair(echo, clock);
  let ended = false;
  void alive.closed.then(() => {
    ended = true;
  });
  for (let second = 0; second < 29; second++) {
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await dead.closed).kind).toBe("dead");
  expect(ended).toBe(false);
  alive.close();
});

test("more streams than allowed are refused", async () => {
  const [left, right] = duplexPair();
  const dialler = new Multiplexer(left, { role: "dialler", clock: systemClock });
  new Multiplexer(right, { role: "listener", clock: systemClock, onStream: echo, maxStreams: 1 });
  const first = dialler.open();
  const second = dialler.open();
  expect(await buffer(second).catch((error: Error) => error.message)).toBe("Too many streams");
  first.end("ok");
  expect((await buffer(first)).toString()).toBe("ok");
});

const open1 = encodeFrame(frameType.open, 1);
const violations: readonly [string, Buffer][] = [
  ["an unknown type", encodeFrame(frameType.open, 1).fill(99, 0, 1)],
  ["a payload too long", Buffer.from([2, 0, 0, 0, 1, 0, 1, 0, 0])],
  ["an id of the wrong side", encodeFrame(frameType.open, 2)],
  ["an id used twice", Buffer.concat([open1, open1])],
  ["data for a stream never opened", encodeFrame(frameType.data, 7, Buffer.from("x"))],
  ["a reset of stream 0", encodeFrame(frameType.reset, 0)],
  ["credit that was not used", Buffer.concat([open1, encodeCredit(1, 1)])],
  [
    "data after the end",
    Buffer.concat([open1, encodeFrame(frameType.end, 1), encodeFrame(frameType.data, 1, open1)]),
  ],
  [
    "data beyond the credit",
    Buffer.concat([
      open1,
      ...Array<Buffer>(17).fill(encodeFrame(frameType.data, 1, Buffer.alloc(16 * 1024))),
    ]),
  ],
];
test.each(violations)("%s ends the connection", async (_name, bytes) => {
  const [left, right] = duplexPair();
  const listener = new Multiplexer(right, { role: "listener", clock: systemClock, onStream: () => {} });
  left.on("error", () => {});
  left.write(bytes);
  expect((await listener.closed).kind).toBe("protocol");
});

test("a side that floods with pings and does not read is given up", async () => {
  const [left, right] = duplexPair();
  const listener = new Multiplexer(right, { role: "listener", clock: systemClock });
  left.on("error", () => {});
  left.pause();
  const pings = Buffer.concat(Array<Buffer>(5000).fill(encodeFrame(frameType.ping, 0)));
  let gone = false;
  void listener.closed.then(() => {
    gone = true;
  });
  for (let i = 0; i < 100 && !gone; i++) {
    left.write(pings);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await listener.closed).kind).toBe("overflow");
});

test("any bytes end in no worse than a protocol error", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
      const [, right] = duplexPair();
      const listener = new Multiplexer(right, { role: "listener", clock: systemClock, onStream: echo });
      for (const chunk of chunks) if (!right.destroyed) right.emit("data", Buffer.from(chunk));
      listener.close();
    }),
    { numRuns: 200 },
  );
});

test("whatever is written, cut and interleaved arrives whole and in order", async () => {
  const script = fc.array(
    fc.record({ stream: fc.nat({ max: 4 }), bytes: fc.uint8Array({ minLength: 1, maxLength: 40_000 }) }),
    { maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(script, async (writes) => {
      const { dialler } = pair(echo);
      const streams = Array.from({ length: 5 }, () => dialler.open());
      const results = streams.map((stream) => buffer(stream));
      for (const { stream, bytes } of writes) streams[stream]?.write(bytes);
      for (const stream of streams) stream.end();
      for (const [index, result] of results.entries()) {
        const sent = Buffer.concat(
          writes.filter((write) => write.stream === index).map((write) => write.bytes),
        );
        expect((await result).equals(sent)).toBe(true);
      }
      dialler.close();
    }),
    { numRuns: 30 },
  );
});
