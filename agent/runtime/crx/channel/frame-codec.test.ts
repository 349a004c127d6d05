import { describe, expect, test } from "bun:test";
import fc from "../../../../test/framework/fast-check.ts";
import { encodeFrame, type Frame, FrameDecoder } from "./frame-codec.ts";
import { frameType, maxPayloadBytes, ProtocolError } from "./protocol.ts";

const session = { low: 0x12345679, high: 0x9abcdef0 };
const earlier = { low: 0x11111111, high: 0x22222222 };
const hello = encodeFrame(session, { type: frameType.helloOk, payload: Buffer.from("hi") });

function established(): FrameDecoder {
  const decoder = new FrameDecoder(session);
  Array.from(decoder.push(hello));
  return decoder;
}

function copy(frame: Frame): Frame {
  return { ...frame, payload: Buffer.from(frame.payload) };
}

describe("FrameDecoder", () => {
  test("gives back what encodeFrame wrote, however it is cut", () => {
    const frames = fc.array(
      fc.record({
        type: fc.integer({ min: 0x10, max: 0xff }),
        flags: fc.integer({ min: 0, max: 0xffff }),
        id: fc.integer({ min: 0, max: 0xffffffff }),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 97 }), (sent, step) => {
        const decoder = established();
        const bytes = Buffer.concat(sent.map((frame) => encodeFrame(session, frame)));
        const received: Frame[] = [];
        for (let at = 0; at < bytes.length; at += step) {
          for (const frame of decoder.push(bytes.subarray(at, at + step))) received.push(copy(frame));
        }
        expect(received).toEqual(sent);
      }),
      { numRuns: 100 },
    );
  });

  test("takes the largest payload and refuses a longer one", () => {
    const largest = encodeFrame(session, { type: frameType.data, payload: Buffer.alloc(maxPayloadBytes) });
    expect(largest.length).toBe(32_768);
    expect(Array.from(established().push(largest))).toHaveLength(1);
    const longer = encodeFrame(session, { type: frameType.data, payload: Buffer.alloc(maxPayloadBytes + 1) });
    expect(() => Array.from(established().push(longer))).toThrow(ProtocolError);
  });

  test("skips the remains of an earlier session until the answer to its hello", () => {
    const old = encodeFrame(earlier, { type: frameType.data, payload: Buffer.from("old") });
    const decoder = new FrameDecoder(session);
    const bytes = Buffer.concat([
      old.subarray(11),
      old,
      Buffer.from("PACPACF"),
      old.subarray(0, 26),
      hello,
      hello,
    ]);
    const received = Array.from(decoder.push(bytes));
    expect(received.map((frame) => frame.type)).toEqual([frameType.helloOk, frameType.helloOk]);
  });

  test("skips frames of its session before the answer to its hello", () => {
    const data = encodeFrame(session, { type: frameType.data });
    expect(Array.from(new FrameDecoder(session).push(Buffer.concat([data, hello])))).toHaveLength(1);
  });

  test("ends the session at the first bad frame after the hello", () => {
    const good = encodeFrame(session, { type: frameType.ok, id: 7 });
    const wrongTrailer = Buffer.from(good);
    wrongTrailer.writeUInt8(1, wrongTrailer.length - 1);
    const foreign = encodeFrame(earlier, { type: frameType.ok, id: 7 });
    for (const bad of [wrongTrailer, foreign, Buffer.from("PACX"), Buffer.alloc(24)]) {
      expect(() => Array.from(established().push(Buffer.concat([good, bad])))).toThrow(ProtocolError);
    }
  });

  test("never yields a frame from random bytes, nor keeps more than one frame of them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 10 }), (chunks) => {
        const decoder = new FrameDecoder(session);
        for (const chunk of chunks) expect(Array.from(decoder.push(Buffer.from(chunk)))).toEqual([]);
        expect(Array.from(decoder.push(Buffer.concat([Buffer.alloc(32_768), hello])))).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  test("either yields or throws for mutated frames, and terminates", () => {
    const frames = Buffer.concat([
      encodeFrame(session, { type: frameType.data, id: 3, payload: Buffer.alloc(100, 7) }),
      encodeFrame(session, { type: frameType.credit, id: 4, payload: Buffer.alloc(12) }),
    ]);
    fc.assert(
      fc.property(fc.nat(frames.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Buffer.from(frames);
        mutated.writeUInt8(mutated.readUInt8(at) ^ change, at);
        try {
          expect(Array.from(established().push(mutated)).length).toBeLessThanOrEqual(2);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
