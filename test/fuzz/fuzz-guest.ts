/** A guest that answers the host's hello and then sends what no guest should, over real sockets. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FieldWriter } from "../../agent/runtime/crx/channel/fields.ts";
import {
  encodeFrame,
  type OutgoingFrame,
  type SessionNonce,
} from "../../agent/runtime/crx/channel/frame-codec.ts";
import { InboundReadable } from "../../agent/runtime/crx/channel/inbound-readable.ts";
import {
  frameType,
  maxPayloadBytes,
  protocolVersion,
  streamWindowBytes,
  tag,
} from "../../agent/runtime/crx/channel/protocol.ts";
import { Guest } from "../../agent/runtime/crx/guest/guest.ts";
import { RandomSource } from "../framework/random-source.ts";

const headerBytes = 24;
const framesPerSession = 25;
/** A stream that the host reads, one that nobody reads, and one that it writes. */
const readStream = 1;
const unreadStream = 2;
const writtenStream = 3;
const deadlineMs = 20_000;

type PortName = "control" | "streams";

/** The guest's end of a port: what it knows of the host. */
interface Port {
  readonly socket: Socket;
  session: SessionNonce;
  /** The requests that the host waits for. */
  readonly requests: number[];
}

export interface FuzzResult {
  readonly faults: readonly string[];
  /** Sessions by how they ended: the kind of error, or `closed` where all frames passed for good ones. */
  readonly endings: ReadonlyMap<string, number>;
}

/** Sends `count` frames in sessions of {@link framesPerSession}; a fault is an error that is not meant for a guest's. */
export async function fuzzGuest(seed: number, count: number): Promise<FuzzResult> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-guest-"));
  const path = join(folder, "port.sock");
  const server = await listen(path);
  const faults: string[] = [];
  const endings = new Map<string, number>();
  const onFault = (error: unknown): void => void faults.push(String(Object(error).stack ?? error));
  process.on("uncaughtException", onFault).on("unhandledRejection", onFault);
  try {
    for (let session = 0; session * framesPerSession < count; session++) {
      const random = new RandomSource(seed + session);
      const ending = await runSession(path, server, random).catch((error: unknown) => {
        faults.push(`Session ${seed + session}: ${String(error)}`);
        return "fault";
      });
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
  } finally {
    process.off("uncaughtException", onFault).off("unhandledRejection", onFault);
    server.close();
    rmSync(folder, { recursive: true });
  }
  return { faults, endings };
}

async function runSession(path: string, server: Server, random: RandomSource): Promise<string> {
  const control = await makePort(path, server);
  const streams = await makePort(path, server);
  let ended: Error | undefined;
  const end = Promise.withResolvers<void>();
  const guest = new Guest(control.host, streams.host, (error) => {
    ended = error;
    end.resolve();
  });
  guest.onContainerExited((event) => event.acknowledge());
  await guest.hello(AbortSignal.timeout(deadlineMs));
  const work = startWork(guest);
  for (let frame = 0; frame < framesPerSession && !ended; frame++) {
    const name: PortName = random.chance(0.5) ? "control" : "streams";
    const port = name === "control" ? control.port : streams.port;
    port.socket.write(strangeBytes(random, port, name));
    if (random.chance(0.2)) await nextTurn();
  }
  await nextTurn();
  const wasEnded = ended !== undefined;
  for (const { port } of [control, streams]) port.socket.destroy();
  await inTime(end.promise, "the host did not end the session");
  // Whatever the host was doing for this guest comes to an end too.
  await inTime(work, "a request was not settled");
  return wasEnded ? (ended?.name ?? "") : "closed";
}

/** What a host has under way: requests, and streams in both directions. */
function startWork(guest: Guest): Promise<unknown> {
  const requests = [
    guest.list(),
    guest.stats(),
    guest.startContainer("c"),
    guest.connect(80),
    guest.signal({ execId: 1 }, 9),
    guest.writeVolume({ name: "v", mode: 0o755, entries: [] }),
  ];
  const read = new InboundReadable(guest.streams.attachInbound(readStream, 0), () => {});
  read.on("data", () => {});
  guest.streams.attachInbound(unreadStream, 0);
  guest.streams.attachOutbound(writtenStream).end(Buffer.alloc(100_000));
  return Promise.allSettled(requests);
}

/** Mostly a frame with something wrong in it; now and then one without, or none at all. */
function strangeBytes(random: RandomSource, port: Port, name: PortName): Buffer {
  const frame = encodeFrame(port.session, randomFrame(random, port, name));
  return random.oneOf(
    () => frame,
    () => frame,
    () => frame,
    () => Buffer.concat([frame, frame]),
    () => damaged(random, frame),
    () => frame.subarray(0, random.below(frame.length)),
    () => randomBytes(random, 200),
  );
}

function randomFrame(random: RandomSource, port: Port, name: PortName): OutgoingFrame {
  const usual = name === "control" ? controlFrame : streamFrame;
  if (random.chance(0.9)) return usual(random, port);
  return {
    type: random.below(256),
    id: someNumber(random),
    flags: random.below(4),
    payload: randomBytes(random, maxPayloadBytes),
  };
}

function controlFrame(random: RandomSource, port: Port): OutgoingFrame {
  const types = [frameType.ok, frameType.error, frameType.containerExited, frameType.execExited];
  const id = random.chance(0.9) ? (port.requests.shift() ?? random.below(10)) : someNumber(random);
  return { type: random.pick(types), id, flags: random.chance(0.1) ? 1 : 0, payload: someFields(random, 3) };
}

function streamFrame(random: RandomSource): OutgoingFrame {
  const id = random.chance(0.9) ? random.pick([readStream, unreadStream, writtenStream]) : someNumber(random);
  const offset = Buffer.alloc(8);
  offset.writeBigUInt64LE(random.chance(0.7) ? 0n : BigInt(someNumber(random)) << BigInt(random.below(33)));
  const rest = random.oneOf(
    () => randomBytes(random, streamWindowBytes / 4),
    () => Buffer.alloc(4, random.below(256)),
    () => Buffer.alloc(0),
  );
  const types = [frameType.data, frameType.credit, frameType.credit, frameType.reset];
  return {
    type: random.pick(types),
    id,
    flags: random.chance(0.1) ? 2 : 0,
    payload: Buffer.concat([offset, rest]),
  };
}

/** Fields that answers and events have, with values of any kind, nested now and then. */
function someFields(random: RandomSource, depth: number): Buffer {
  if (random.chance(0.1)) return randomBytes(random, 64);
  const fields = new FieldWriter();
  for (const number of random.list(12, () => random.pick(Object.values(tag)))) {
    if (depth > 0 && random.chance(0.2)) fields.bytes(number, someFields(random, depth - 1));
    else if (random.chance(0.5)) fields.u32(number, someNumber(random));
    else fields.bytes(number, randomBytes(random, 16));
  }
  return fields.finish();
}

function damaged(random: RandomSource, frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  const at = random.chance(0.7) ? random.below(headerBytes) : random.below(copy.length);
  copy[at] = random.below(256);
  return copy;
}

function someNumber(random: RandomSource): number {
  return random.pick([0, 1, 2, 3, 7, 255, 4096, 65_536, 0x7fff_ffff, 0xffff_ffff, random.below(2 ** 32)]);
}

function randomBytes(random: RandomSource, most: number): Buffer {
  return Buffer.from(
    Array.from({ length: random.below(random.chance(0.1) ? most : 32) }, () => random.below(256)),
  );
}

async function makePort(path: string, server: Server): Promise<{ host: Socket; port: Port }> {
  const accepted = once(server, "connection");
  const host = connect(path);
  const [socket] = await inTime(accepted, "the port was not connected");
  const port: Port = { socket, session: { low: 0, high: 0 }, requests: [] };
  socket.on("error", () => socket.destroy());
  socket.on("data", readHost(port));
  return { host, port };
}

/** The host's frames, which are good ones: the hello is answered, the ids of requests are kept. */
function readHost(port: Port): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes && rest.length >= headerBytes + 4 + rest.readUInt32LE(20)) {
      const type = rest.readUInt8(5);
      if (type === frameType.hello) {
        port.session = { low: rest.readUInt32LE(8), high: rest.readUInt32LE(12) };
        const fields = new FieldWriter().u32(tag.version, protocolVersion).finish();
        port.socket.write(encodeFrame(port.session, { type: frameType.helloOk, payload: fields }));
      } else port.requests.push(rest.readUInt32LE(16));
      rest = rest.subarray(headerBytes + 4 + rest.readUInt32LE(20));
    }
  };
}

async function listen(path: string): Promise<Server> {
  const server = createServer().listen(path);
  await once(server, "listening");
  return server;
}

async function inTime<T>(promise: Promise<T>, failure: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`After ${deadlineMs} ms ${failure}`)), deadlineMs);
  return await Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

/** Lets sockets be read and written. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
