/**
 * Stands in for QEMU and its guest, for what no real guest does: breaking the protocol. It makes QEMU's three sockets in
 * its working directory, answers the monitor and the guest's requests, and does what `-append` says once a container
 * is started: nothing for an empty text, else the violation of that name. In mode `silent` it never answers at all.
 */
import { createServer, type Socket } from "node:net";
import { FieldReader, FieldWriter } from "../../../agent/runtime/crx/channel/fields.ts";
import {
  encodeFrame,
  type OutgoingFrame,
  type SessionNonce,
} from "../../../agent/runtime/crx/channel/frame-codec.ts";
import { frameFlag, frameType, tag } from "../../../agent/runtime/crx/channel/protocol.ts";

interface Received {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
}

interface Port {
  send(frame: OutgoingFrame): void;
  raw(bytes: Buffer): void;
}

const mode = process.argv[process.argv.indexOf("-append") + 1] ?? "";
const stdoutStream = 7;
const ports: { control?: Port; streams?: Port } = {};

function listen(path: string, onConnection: (socket: Socket) => void): void {
  createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onConnection(socket);
  }).listen(path);
}

/** Frames from the host, which is trusted to send nothing else; a hello sets the session. */
function servePort(socket: Socket, onFrame: (frame: Received, port: Port) => void): Port {
  let rest = Buffer.alloc(0);
  let session: SessionNonce = { low: 0, high: 0 };
  const port: Port = {
    send: (frame) => socket.write(encodeFrame(session, frame)),
    raw: (bytes) => socket.write(bytes),
  };
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 28 && rest.length >= 28 + rest.readUInt32LE(20)) {
      const length = rest.readUInt32LE(20);
      const frame = {
        type: rest.readUInt8(5),
        id: rest.readUInt32LE(16),
        payload: rest.subarray(24, 24 + length),
      };
      if (mode === "silent") {
        rest = Buffer.alloc(0);
        return;
      }
      if (frame.type === frameType.hello) {
        session = { low: rest.readUInt32LE(8), high: rest.readUInt32LE(12) };
        const fields = new FieldWriter().u32(tag.version, 1).text(tag.kernel, "6.1.0-fake");
        port.send({ type: frameType.helloOk, payload: fields.finish() });
      } else {
        onFrame(frame, port);
      }
      rest = rest.subarray(28 + length);
    }
  });
  return port;
}

function answer({ type, id, payload }: Received, port: Port): void {
  const fields = new FieldWriter();
  if (type === frameType.createContainer)
    fields.u32(tag.stdout, stdoutStream).u32(tag.stderr, stdoutStream + 1);
  if (type === frameType.eventAck) return;
  port.send({ type: frameType.ok, id, payload: fields.finish() });
  if (type === frameType.startContainer)
    violations[mode]?.(new FieldReader(payload).text(tag.container) ?? "");
}

function data(stream: number, offset: number, length: number): OutgoingFrame {
  const payload = Buffer.alloc(8 + length);
  payload.writeBigUInt64LE(BigInt(offset));
  return { type: frameType.data, id: stream, payload };
}

const violations: Readonly<Record<string, (containerId: string) => void>> = {
  "bad-frames": () => {
    const bad = Buffer.from("PACFxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    for (let frame = 0; frame < 100_000; frame += 1) ports.control?.raw(bad);
  },
  "endless-message": () => {
    const payload = Buffer.alloc(32_740);
    for (let frame = 0; frame < 40; frame += 1) {
      ports.control?.send({ type: frameType.ok, id: 1, flags: frameFlag.more, payload });
    }
  },
  "unasked-answer": () => ports.control?.send({ type: frameType.ok, id: 4_000_000_000 }),
  "unknown-type": () => ports.control?.send({ type: 0x7f }),
  "malformed-event": () =>
    ports.control?.send({ type: frameType.containerExited, id: 1, payload: Buffer.alloc(3) }),
  "unknown-stream": () => ports.streams?.send(data(99, 0, 1)),
  gap: () => ports.streams?.send(data(stdoutStream, 5, 1)),
  "beyond-credit": () => {
    for (let offset = 0; offset < 4 << 20; offset += 32_000)
      ports.streams?.send(data(stdoutStream, offset, 32_000));
  },
};

listen("qmp.sock", (socket) => {
  socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  socket.on("data", (chunk) => {
    for (const line of chunk.toString().split("\n").filter(Boolean)) {
      const { execute, id } = JSON.parse(line) as { execute: string; id: number };
      const results: Record<string, unknown> = { "query-status": { status: "running" }, "qom-list": [] };
      socket.write(`${JSON.stringify({ return: results[execute] ?? {}, id })}\r\n`);
    }
  });
});
listen("control.sock", (socket) => {
  ports.control = servePort(socket, answer);
});
listen("streams.sock", (socket) => {
  ports.streams = servePort(socket, () => {});
});
