import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Socket } from "node:net";
import { FieldReader, FieldWriter } from "../../../agent/runtime/crx/channel/fields.ts";
import { encodeFrame, type Frame, FrameDecoder } from "../../../agent/runtime/crx/channel/frame-codec.ts";
import { frameType, protocolVersion, tag } from "../../../agent/runtime/crx/channel/protocol.ts";
import { missingForMachines, until } from "../crx/fixtures.ts";
import { builtImages, Machine } from "./machine.ts";

setDefaultTimeout(600_000);

const missing = missingForMachines();
const images = builtImages();
let machine: Machine;
let sessions = 0;

beforeAll(() => {
  if (!missing && images) machine = new Machine({ images });
});

afterAll(async () => {
  await machine?.end();
});

/** A bare connection to the control port, for bytes that no daemon would send. */
class RawPort {
  readonly nonce = { low: ++sessions, high: 0xabcdef };
  readonly frames: Frame[] = [];
  readonly #decoder = new FrameDecoder(this.nonce);

  constructor(readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      for (const frame of this.#decoder.push(chunk)) {
        this.frames.push({ ...frame, payload: Buffer.from(frame.payload) });
      }
    });
  }

  send(type: number, id = 0, payload: Uint8Array = new Uint8Array(0)): void {
    this.socket.write(encodeFrame(this.nonce, { type, id, payload }));
  }

  async hello(min = protocolVersion, max = protocolVersion): Promise<Frame> {
    const payload = new FieldWriter().u32(tag.versionMin, min).u32(tag.versionMax, max).finish();
    const answers = [frameType.helloOk, frameType.helloRefused] as number[];
    const repeat = setInterval(() => this.send(frameType.hello, 0, payload), 100);
    this.send(frameType.hello, 0, payload);
    try {
      return await until(
        () => this.frames.find((frame) => answers.includes(frame.type)),
        "the hello's answer",
      );
    } finally {
      clearInterval(repeat);
    }
  }

  async answer(id: number): Promise<Frame> {
    return until(() => this.frames.find((frame) => frame.id === id), `the answer to request ${id}`);
  }
}

async function open(): Promise<RawPort> {
  return new RawPort(await machine.connect("control"));
}

async function closed(port: RawPort): Promise<void> {
  const done = new Promise((resolve) => port.socket.once("close", resolve));
  port.socket.destroy();
  await done;
}

describe.skipIf(missing !== "")(`a guest that gets bytes from an enemy${missing}`, () => {
  test("tells its versions to a host of another one, and serves the next", async () => {
    const port = await open();
    const refusal = await port.hello(7, 9);
    expect(refusal.type).toBe(frameType.helloRefused);
    expect(new FieldReader(refusal.payload).needU32(tag.versionMax)).toBe(protocolVersion);
    await closed(port);
    const next = await open();
    expect((await next.hello()).type).toBe(frameType.helloOk);
    await closed(next);
  });

  test("finds a new daemon's hello wherever the one before was cut off", async () => {
    const payload = Buffer.from("PACF\x01\x32".repeat(40), "latin1");
    for (const cut of [1, 5, 23, 24, 25, 100, 200, 266, 267]) {
      const killed = await open();
      await killed.hello();
      killed.socket.write(
        encodeFrame(killed.nonce, { type: frameType.ping, id: 1, payload }).subarray(0, cut),
      );
      await closed(killed);
      const next = await open();
      await next.hello();
      next.send(frameType.ping, 77);
      expect((await next.answer(77)).type).toBe(frameType.ok);
      await closed(next);
    }
  });

  test("skips 100,000 bad frames and answers the good one after them", async () => {
    const port = await open();
    await port.hello();
    const good = encodeFrame(port.nonce, { type: frameType.ping, id: 6, payload: Buffer.alloc(16) });
    // Magic, version, session, length, trailer: one wrong byte in any of them.
    const places = [0, 4, 8, 15, 22, good.length - 1];
    const burst = Buffer.concat(
      Array.from({ length: 1000 }, (_, i) => {
        const frame = Buffer.from(good);
        const place = places[i % places.length] ?? 0;
        frame.writeUInt8(frame.readUInt8(place) ^ (1 + (i % 255)), place);
        return frame;
      }),
    );
    for (let sent = 0; sent < 100_000; sent += 1000) {
      if (!port.socket.write(burst)) await new Promise((resolve) => port.socket.once("drain", resolve));
    }
    port.socket.write(Buffer.alloc(32_768));
    port.send(frameType.ping, 8);
    expect((await port.answer(8)).type).toBe(frameType.ok);
    expect(port.frames.some((frame) => frame.id === 6)).toBe(false);
    await closed(port);
  });

  test("answers malformed messages with an error each", async () => {
    const port = await open();
    await port.hello();
    const cutField = Buffer.from([1, 0, 200, 0, 0, 0, 1]);
    const types = [0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x31, 0x7f];
    types.forEach((type, i) => {
      port.send(type, 100 + i, cutField);
    });
    for (let i = 0; i < types.length; i++) expect((await port.answer(100 + i)).type).toBe(frameType.error);
    port.send(frameType.ping, 9);
    expect((await port.answer(9)).type).toBe(frameType.ok);
    await closed(port);
  });

  test("refuses a message that is too long and forgets it", async () => {
    const port = await open();
    await port.hello();
    const part = Buffer.alloc(32_000);
    for (let i = 0; i < 40; i++) {
      port.socket.write(
        encodeFrame(port.nonce, { type: frameType.configure, id: 3, flags: i < 39 ? 1 : 0, payload: part }),
      );
    }
    const refusal = new FieldReader((await port.answer(3)).payload);
    expect(refusal.text(tag.message)).toBe("a message has at most 1048576 bytes");
    await closed(port);
  });
});
