import type { Socket } from "node:net";

/** The numbers of 9P2000.L's requests. */
export const type = {
  statfs: 8,
  open: 12,
  create: 14,
  symlink: 16,
  mknod: 18,
  readlink: 22,
  getattr: 24,
  setattr: 26,
  readdir: 40,
  fsync: 50,
  lock: 52,
  link: 70,
  mkdir: 72,
  rename: 74,
  unlink: 76,
  version: 100,
  attach: 104,
  walk: 110,
  read: 116,
  write: 118,
  clunk: 120,
} as const;

/** An answer `Rlerror`. */
export class NineError extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

/** A request's fields: numbers with their size in bytes, texts, or bytes as they are. */
export type Field = readonly [value: number | bigint, size: 1 | 2 | 4 | 8] | string | Uint8Array;

export function encode(requestType: number, fields: readonly Field[]): Buffer {
  const parts = fields.map((field) => {
    if (typeof field === "string") {
      const text = Buffer.from(field);
      const length = Buffer.alloc(2);
      length.writeUInt16LE(text.length);
      return Buffer.concat([length, text]);
    }
    if (field instanceof Uint8Array) return Buffer.from(field);
    const [value, size] = field;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    return bytes.subarray(0, size);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(7);
  head.writeUInt32LE(7 + body.length);
  head.writeUInt8(requestType, 4);
  return Buffer.concat([head, body]);
}

/** Speaks 9P2000.L, one request at a time. */
export class NineClient {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #nextFid = 1;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#wake());
  }

  /** The answer's bytes after its head. Throws {@link NineError}, and an error when the server has gone. */
  async call(requestType: number, ...fields: readonly Field[]): Promise<Buffer> {
    this.#socket.write(encode(requestType, fields));
    const head = await this.#take(7);
    const body = await this.#take(head.readUInt32LE(0) - 7);
    if (head[4] === 7) throw new NineError(body.readUInt32LE(0));
    if (head[4] !== requestType + 1) throw new Error(`Answer of type ${head[4]} to ${requestType}`);
    return body;
  }

  async begin(): Promise<void> {
    await this.call(type.version, [65_536, 4], "9P2000.L");
    await this.call(type.attach, [0, 4], [0xffffffff, 4], "root", "/", [0, 4]);
  }

  /** A new fid for a path below the root. */
  async walk(path: string, from = 0): Promise<number> {
    const names = path.split("/").filter((name) => name !== "");
    const fid = this.#nextFid++;
    const body = await this.call(type.walk, [from, 4], [fid, 4], [names.length, 2], ...names);
    if (body.readUInt16LE(0) !== names.length) throw new NineError(2);
    return fid;
  }

  /** Opens a file and reads it whole. */
  async text(path: string): Promise<string> {
    const fid = await this.walk(path);
    await this.call(type.open, [fid, 4], [0, 4]);
    const body = await this.call(type.read, [fid, 4], [0, 8], [60_000, 4]);
    return body.subarray(4).toString();
  }

  async create(folder: string, name: string, text: string, mode = 0o644): Promise<number> {
    const fid = await this.walk(folder);
    await this.call(type.create, [fid, 4], name, [0o101, 4], [mode, 4], [0, 4]);
    await this.call(type.write, [fid, 4], [0, 8], [text.length, 4], Buffer.from(text));
    return fid;
  }

  async names(path: string): Promise<string[]> {
    const fid = await this.walk(path);
    await this.call(type.open, [fid, 4], [0o200000, 4]);
    const names: string[] = [];
    for (let offset = 0n; ; ) {
      const body = await this.call(type.readdir, [fid, 4], [offset, 8], [400, 4]);
      if (body.length === 4) return names.filter((name) => name !== "." && name !== "..").sort();
      for (let at = 4; at < body.length; ) {
        offset = body.readBigUInt64LE(at + 13);
        const length = body.readUInt16LE(at + 22);
        names.push(body.subarray(at + 24, at + 24 + length).toString());
        at += 24 + length;
      }
    }
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      if (this.#socket.destroyed) throw new Error("The server has gone");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
