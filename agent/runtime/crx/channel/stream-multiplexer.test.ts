import { describe, expect, test } from "bun:test";
import type { OutgoingFrame } from "./frame-codec.ts";
import { InboundReadable } from "./inbound-readable.ts";
import { frameFlag, frameType, ProtocolError, streamWindowBytes } from "./protocol.ts";
import { StreamMultiplexer } from "./stream-multiplexer.ts";

function setUp() {
  const sent: OutgoingFrame[] = [];
  const streams = new StreamMultiplexer({ send: (frame) => sent.push(frame) });
  const receive = (type: number, id: number, payload: Buffer, flags = 0): void =>
    streams.receive({ type, id, flags, payload });
  const data = (id: number, offset: number, bytes: Buffer | string, flags = 0): void =>
    receive(frameType.data, id, Buffer.concat([u64(offset), Buffer.from(bytes)]), flags);
  const credit = (id: number, consumed: number, window: number): void =>
    receive(frameType.credit, id, Buffer.concat([u64(consumed), u32(window)]));
  return { sent, streams, receive, data, credit };
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The bytes and flags of the DATA frames sent for a stream. */
function dataOf(
  sent: readonly OutgoingFrame[],
  id: number,
): { text: string; offsets: number[]; fin: boolean } {
  const frames = sent.filter((frame) => frame.type === frameType.data && frame.id === id);
  const payloads = frames.map((frame) => Buffer.from(frame.payload ?? []));
  return {
    text: Buffer.concat(payloads.map((payload) => payload.subarray(8))).toString(),
    offsets: payloads.map((payload) => Number(payload.readBigUInt64LE())),
    fin: frames.some((frame) => ((frame.flags ?? 0) & frameFlag.fin) !== 0),
  };
}

describe("StreamMultiplexer, streams to the host", () => {
  test("attaches at the offset and gives credit for what was acknowledged", () => {
    const { sent, streams, data } = setUp();
    const stream = streams.attachInbound(5, 100);
    expect(sent[0]).toEqual({
      type: frameType.attach,
      id: 5,
      payload: Buffer.concat([u64(100), u32(streamWindowBytes)]),
    });
    data(5, 100, "abc");
    data(5, 103, "def", frameFlag.fin);
    expect(stream.take()?.toString()).toBe("abcdef");
    expect(stream.take()).toBeUndefined();
    expect(stream.ended).toBe(true);
    stream.acknowledge(106);
    expect(sent[1]).toEqual({
      type: frameType.credit,
      id: 5,
      payload: Buffer.concat([u64(106), u32(streamWindowBytes)]),
    });
  });

  test("holds at most a window in one buffer however small the frames are, and refuses a byte more", () => {
    const { streams, data } = setUp();
    const stream = streams.attachInbound(1, 0);
    for (let offset = 0; offset < streamWindowBytes; offset += 1) data(1, offset, "x");
    expect(() => data(1, streamWindowBytes, "x")).toThrow(ProtocolError);
    const bytes = stream.take();
    expect(bytes?.length).toBe(streamWindowBytes);
    expect(bytes?.buffer.byteLength).toBe(streamWindowBytes);
  });

  test("ends the session for gaps, data after the end, unknown streams and malformed frames", () => {
    const violations: Array<(set: ReturnType<typeof setUp>) => void> = [
      ({ data }) => data(1, 4, "gap"),
      ({ data }) => data(2, 0, "unknown"),
      ({ data }) => {
        data(1, 0, "", frameFlag.fin);
        data(1, 0, "more");
      },
      ({ receive }) => receive(frameType.data, 1, Buffer.alloc(7)),
      ({ receive }) => receive(frameType.data, 1, Buffer.alloc(8, 0xff)),
      ({ receive }) => receive(frameType.credit, 1, Buffer.alloc(8)),
      ({ receive }) => receive(frameType.reset, 1, Buffer.alloc(3)),
      ({ receive }) => receive(frameType.hello, 1, Buffer.alloc(3)),
      ({ credit }) => credit(3, 0, 10),
    ];
    for (const violate of violations) {
      const set = setUp();
      set.streams.attachInbound(1, 0);
      expect(() => violate(set)).toThrow(ProtocolError);
    }
  });

  test("drops what was on its way when a stream was closed", () => {
    const { sent, streams, data } = setUp();
    streams.attachInbound(1, 0);
    streams.close(1);
    streams.close(1);
    data(1, 0, "late");
    expect(sent.filter((frame) => frame.type === frameType.close)).toHaveLength(1);
  });

  test("a reader that stops holds up its own stream alone", async () => {
    const { sent, streams, data } = setUp();
    const stopped = new InboundReadable(streams.attachInbound(1, 0), () => {});
    const reading = new InboundReadable(streams.attachInbound(2, 0), () => streams.close(2));
    const texts: string[] = [];
    reading.on("data", (bytes: Buffer) => texts.push(bytes.toString()));
    data(1, 0, Buffer.alloc(streamWindowBytes));
    for (let offset = 0; offset < 4 * streamWindowBytes; offset += 16_384) {
      data(2, offset, Buffer.alloc(16_384, 0x61));
      await Bun.sleep(0);
    }
    data(2, 4 * streamWindowBytes, "", frameFlag.fin);
    await new Promise((resolve) => reading.once("close", resolve));
    expect(texts.join("")).toHaveLength(4 * streamWindowBytes);
    expect(sent.some((frame) => frame.type === frameType.credit && frame.id === 1)).toBe(false);
    expect(sent.at(-1)).toEqual({ type: frameType.close, id: 2 });
    stopped.destroy();
  });

  test("a reset breaks the stream with the guest's text after what came before it", async () => {
    const { streams, data, receive } = setUp();
    const readable = new InboundReadable(streams.attachInbound(1, 0), () => {});
    data(1, 0, "last");
    receive(frameType.reset, 1, Buffer.concat([u32(104), Buffer.from("connection reset by peer")]));
    const chunks: string[] = [];
    const failure = await (async () => {
      for await (const chunk of readable) chunks.push(String(chunk));
    })().catch((error: Error) => error.message);
    expect(chunks).toEqual(["last"]);
    expect(failure).toBe("connection reset by peer");
  });
});

describe("StreamMultiplexer, streams to the guest", () => {
  test("waits for the guest's credit, continues where it stands and ends with FIN", async () => {
    const { sent, streams, credit } = setUp();
    const stream = streams.attachOutbound(9);
    stream.end("hello world");
    expect(dataOf(sent, 9).text).toBe("");
    credit(9, 40, 5);
    expect(dataOf(sent, 9)).toEqual({ text: "hello", offsets: [40], fin: false });
    credit(9, 45, 100);
    await new Promise((resolve) => stream.once("finish", resolve));
    expect(dataOf(sent, 9)).toEqual({ text: "hello world", offsets: [40, 45, 51], fin: true });
  });

  test("cuts what is longer than a frame", () => {
    const { sent, streams, credit } = setUp();
    const stream = streams.attachOutbound(9);
    credit(9, 0, 65_536);
    stream.write(Buffer.alloc(65_536, 0x62));
    expect(dataOf(sent, 9).offsets).toEqual([0, 32_732, 65_464]);
    expect(dataOf(sent, 9).text).toHaveLength(65_536);
  });

  test("a reset fails the writer, and so does the end of the machine", async () => {
    const { streams, receive } = setUp();
    const [first, second] = [streams.attachOutbound(1), streams.attachOutbound(2)];
    const failures = [first, second].map(
      (stream) => new Promise((resolve) => stream.write("x", (error) => resolve(error?.message))),
    );
    receive(frameType.reset, 1, Buffer.concat([u32(32), Buffer.from("broken pipe")]));
    streams.end(new Error("QEMU exited"));
    expect(await Promise.all(failures)).toEqual(["broken pipe", "QEMU exited"]);
    expect(streams.attachInbound(3, 0).error?.message).toBe("QEMU exited");
  });

  test("refuses a credit larger than the protocol allows", () => {
    const { streams, credit } = setUp();
    streams.attachOutbound(1);
    expect(() => credit(1, 0, (1 << 20) + 1)).toThrow(ProtocolError);
  });
});
