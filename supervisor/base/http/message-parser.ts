/**
 * The adapter for http-parser-js, and the place where it is made strict. As shipped it drops header lines that it
 * cannot read, joins folded ones, takes `-5` and `0x` for chunk sizes, bounds nothing but the head, and runs over the
 * end of a message into the next one. Each of these is a way to smuggle a request or to fill memory (RFC 9112,
 * sections 5.1, 5.2, 6.3, 7.1 and 11.2), so the methods concerned are replaced.
 */
import { HTTPParser, methods } from "http-parser-js";
import { ProtocolError } from "./protocol-error.ts";

export interface MessageHead {
  /** Empty for a response. */
  readonly method: string;
  /** Empty for a response. */
  readonly target: string;
  /** 0 for a request. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly versionMajor: number;
  readonly versionMinor: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

export interface MessageEvents {
  /** Return true when no body follows whatever the headers say: the answer to HEAD, an upgrade. */
  onHead(head: MessageHead): boolean;
  onBody(bytes: Buffer): void;
  onEnd(): void;
}

interface LibraryHead {
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly headers: string[];
  readonly method: number;
  readonly url: string;
  readonly statusCode: number;
  readonly statusMessage: string;
  upgrade: boolean;
}

/** What the library's class has but its types hide. */
interface LibraryParser {
  state: string;
  line: string;
  chunk: Buffer;
  offset: number;
  end: number;
  body_bytes: number | null;
  info: LibraryHead;
  maxHeaderSize: number;
  execute(chunk: Buffer): number | Error;
  finish(): Error | undefined;
  nextRequest(): void;
}

// The types declare the overridden methods private; the class itself is made to be extended.
const Library = HTTPParser as unknown as new (type: "REQUEST" | "RESPONSE") => LibraryParser;

// The default, "ascii", cuts the eighth bit off and so turns other bytes into line ends.
HTTPParser.encoding = "latin1";

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbiddenInLine = /[\x00-\x08\x0a-\x1f\x7f]/;
const chunkHead = /^([0-9A-Fa-f]{1,12})[ \t]*(;.*)?$/;
const maxChunkLineBytes = 256;

class StrictParser extends Library {
  readonly #events: MessageEvents;
  readonly #maxHeadBytes: number;
  #headBytes = 0;

  constructor(type: "REQUEST" | "RESPONSE", events: MessageEvents, maxHeadBytes: number) {
    super(type);
    this.#events = events;
    this.#maxHeadBytes = maxHeadBytes;
  }

  // The library calls these four by the numbers of kOnHeaders, kOnHeadersComplete, kOnBody and kOnMessageComplete.
  1(): void {}

  2(info: LibraryHead): boolean {
    this.maxHeaderSize = Number.MAX_SAFE_INTEGER;
    const noBody = this.#events.onHead({
      method: methods[info.method] ?? "",
      target: info.url ?? "",
      statusCode: info.statusCode ?? 0,
      statusMessage: info.statusMessage ?? "",
      versionMajor: info.versionMajor,
      versionMinor: info.versionMinor,
      rawHeaders: info.headers,
    });
    return noBody;
  }

  3(bytes: Buffer): void {
    this.#events.onBody(bytes);
  }

  4(): void {
    this.#events.onEnd();
  }

  consumeLine(): string | undefined {
    const { chunk, offset, end } = this;
    const lineEnd = chunk.indexOf(10, offset);
    const found = lineEnd !== -1 && lineEnd < end;
    const stop = found ? lineEnd : end;
    this.#countLine(stop - offset);
    const line = this.line + chunk.toString("latin1", offset, stop);
    this.offset = found ? stop + 1 : end;
    this.line = found ? "" : line;
    if (!found) return undefined;
    if (!line.endsWith("\r")) throw new ProtocolError(400, "A line does not end with CR LF");
    return line.slice(0, -1);
  }

  #countLine(bytes: number): void {
    if (this.state === "BODY_CHUNKHEAD" || this.state === "BODY_CHUNKEMPTYLINE") {
      if (this.line.length + bytes > maxChunkLineBytes)
        throw new ProtocolError(400, "A chunk's head is too long");
      return;
    }
    this.#headBytes += bytes + 2;
    if (this.#headBytes > this.#maxHeadBytes) {
      throw new ProtocolError(431, `The head is longer than ${this.#maxHeadBytes} bytes`);
    }
  }

  parseHeader(line: string, headers: string[]): void {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = withoutBlanks(line, colon + 1);
    // A CR within the line, or another control character at its ends, would otherwise go with the white space.
    if (colon < 1 || !headerName.test(name) || forbiddenInLine.test(line)) {
      throw new ProtocolError(400, "A header line is malformed");
    }
    headers.push(name, value);
  }

  BODY_CHUNKHEAD(): void {
    const line = this.consumeLine();
    if (line === undefined) return;
    const size = chunkHead.exec(line)?.[1];
    if (size === undefined) throw new ProtocolError(400, "A chunk's size is malformed");
    this.body_bytes = Number.parseInt(size, 16);
    this.state = this.body_bytes === 0 ? "BODY_CHUNKTRAILERS" : "BODY_CHUNK";
  }

  override nextRequest(): void {
    super.nextRequest();
    this.#headBytes = 0;
    this.state = "HALTED";
  }

  HALTED(): boolean {
    return true;
  }
}

/** The rest of a line without spaces and tabs at its ends. No-break spaces stay: they may be half of a character. */
function withoutBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && (line[start] === " " || line[start] === "\t")) start++;
  while (end > start && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  return line.slice(start, end);
}

/** Parses the messages of one connection, one at a time. */
export class MessageParser {
  readonly #parser: StrictParser;
  readonly #firstState: string;

  constructor(type: "request" | "response", events: MessageEvents, maxHeadBytes: number) {
    this.#parser = new StrictParser(type === "request" ? "REQUEST" : "RESPONSE", events, maxHeadBytes);
    this.#firstState = this.#parser.state;
  }

  /** True between a message's end and {@link next}. */
  get halted(): boolean {
    return this.#parser.state === "HALTED";
  }

  /**
   * Reads up to the end of the message and returns how many bytes it took; the rest belongs to the next message.
   * Throws {@link ProtocolError}; the parser is of no use after that.
   */
  execute(bytes: Buffer): number {
    const result = this.#parser.execute(bytes);
    if (typeof result === "number") return result;
    if (result instanceof ProtocolError) throw result;
    throw new ProtocolError(400, "The message is malformed");
  }

  /** Makes ready for the next message. */
  next(): void {
    if (this.halted) this.#parser.state = this.#firstState;
  }

  /** The stream has ended: ends a body that runs up to there. Throws {@link ProtocolError} in mid-message. */
  finish(): void {
    if (this.halted) return;
    if (this.#parser.finish() !== undefined) throw new ProtocolError(400, "The stream ended in mid-message");
  }
}
