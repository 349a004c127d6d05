import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { headerDictionary } from "./header-dictionary.ts";
import { SpdyError } from "./spdy-error.ts";

/** What one block may unfold to. */
const maxBlockBytes = 64 * 1024;

const zlibOptions = { dictionary: headerDictionary, flush: constants.Z_SYNC_FLUSH } as const;

/** One direction of a connection's header compression. Calls are to be made one after another. */
class ZlibContext {
  readonly #zlib: Deflate | Inflate;
  #output: Buffer[] = [];
  #outputBytes = 0;
  #fail: (error: Error) => void = () => {};

  constructor(zlib: Deflate | Inflate) {
    this.#zlib = zlib;
    zlib.on("data", (bytes: Buffer) => {
      this.#output.push(bytes);
      this.#outputBytes += bytes.length;
      if (this.#outputBytes > maxBlockBytes)
        this.#break(new SpdyError(`A header block exceeds ${maxBlockBytes} bytes`));
    });
    zlib.on("error", (error) => this.#break(new SpdyError("A header block is malformed", { cause: error })));
  }

  convert(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#zlib.write(bytes, () => {
        const all = Buffer.concat(this.#output);
        this.#output = [];
        this.#outputBytes = 0;
        resolve(all);
      });
    });
  }

  close(): void {
    this.#zlib.close();
  }

  #break(error: SpdyError): void {
    this.#output = [];
    this.#zlib.destroy();
    this.#fail(error);
  }
}

export class HeaderEncoder {
  readonly #context = new ZlibContext(createDeflate(zlibOptions));

  encode(headers: ReadonlyMap<string, string>): Promise<Buffer> {
    const parts = [uint32(headers.size)];
    for (const [name, value] of headers) parts.push(withLength(name.toLowerCase()), withLength(value));
    return this.#context.convert(Buffer.concat(parts));
  }

  close(): void {
    this.#context.close();
  }
}

export class HeaderDecoder {
  readonly #context = new ZlibContext(createInflate(zlibOptions));

  /** Rejects with {@link SpdyError}; the decoder is of no use after that. */
  async decode(block: Buffer): Promise<Map<string, string>> {
    return parseHeaders(await this.#context.convert(block));
  }

  close(): void {
    this.#context.close();
  }
}

function parseHeaders(bytes: Buffer): Map<string, string> {
  let offset = 0;
  const number = (): number => {
    if (offset + 4 > bytes.length) throw new SpdyError("A header block is cut off");
    offset += 4;
    return bytes.readUInt32BE(offset - 4);
  };
  const text = (): string => {
    const length = number();
    if (offset + length > bytes.length) throw new SpdyError("A header block is cut off");
    offset += length;
    return bytes.toString("utf8", offset - length, offset);
  };
  const headers = new Map<string, string>();
  for (let left = number(); left > 0; left--) {
    const name = text();
    // Several values of one name are parted by NUL; none that is used here has more than one.
    headers.set(name, text().split("\0")[0] ?? "");
  }
  return headers;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
