import { STATUS_CODES } from "node:http";
import { fixedPartsOf } from "./fixed-response.ts";
import { livePartsOf } from "./live-response.ts";
import type { StreamWriter } from "./stream-writer.ts";
import { writeLive } from "./write-live.ts";

export interface ResponseContext {
  readonly method: string;
  /** The request came by HTTP 1.0: no chunks. */
  readonly http10: boolean;
  /** Nothing follows on this connection. */
  readonly close: boolean;
  /** Its signal aborts when nobody waits for the response any more. Only streamed bodies look at it. */
  readonly exchange?: { readonly signal: AbortSignal } | undefined;
}

interface ResponseHead {
  readonly status: number;
  readonly statusText?: string;
  /** With names in lower case. */
  readonly headers: Headers | Readonly<Record<string, string>>;
}

/** Bodies up to this size are joined with the head into one write. */
const joinBytes = 64 * 1024;

/**
 * Writes a response. Bodies at hand go out with their length in one write; streams go out in chunks as they come, the
 * head no later than the next turn of the event loop, so that the client of a silent watch sees its answer.
 * Resolves when all is handed to the stream; rejects when the body's stream failed or the reader stalled: the
 * connection is then of no use.
 */
export function writeResponse(
  writer: StreamWriter,
  response: Response,
  context: ResponseContext,
): Promise<void> {
  const fixed = fixedPartsOf(response);
  if (fixed !== undefined) return writeFixed(writer, fixed, fixed.body, context);
  const live = livePartsOf(response);
  if (live !== undefined && context.method !== "HEAD") {
    const framing = context.http10 ? "" : "transfer-encoding: chunked\r\n";
    writer.write(renderHead(live, framing, context, false));
    return writeLive(writer, live.source, !context.http10, context.exchange?.signal);
  }
  if (isBodiless(response.status) || response.body === null) return writeFixed(writer, response, "", context);
  return writeStream(writer, response, response.body, context);
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

function writeFixed(
  writer: StreamWriter,
  response: ResponseHead,
  body: string | Uint8Array,
  context: ResponseContext,
): Promise<void> {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  // The answer to HEAD may say the length that GET would have.
  const framing =
    isBodiless(response.status) || (context.method === "HEAD" && hasLength(response))
      ? ""
      : `content-length: ${length}\r\n`;
  const keepLength = context.method === "HEAD";
  const head = renderHead(response, framing, context, keepLength);
  if (context.method === "HEAD" || length === 0) writer.write(head);
  else if (typeof body === "string") writer.write(head + body);
  else if (length <= joinBytes) writer.write(Buffer.concat([Buffer.from(head), body]));
  else {
    writer.write(head);
    writer.write(body);
  }
  return writer.drained();
}

async function writeStream(
  writer: StreamWriter,
  response: Response,
  body: ReadableStream<Uint8Array>,
  context: ResponseContext,
): Promise<void> {
  if (context.method === "HEAD") {
    await body.cancel();
    writer.write(renderHead(response, "", context, true));
    return;
  }
  const chunked = !context.http10;
  let head = renderHead(response, chunked ? "transfer-encoding: chunked\r\n" : "", context, false);
  const flushHead = (): void => {
    if (head !== "") writer.write(head);
    head = "";
  };
  const flushSoon = setImmediate(flushHead);
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  const aborted = context.exchange?.signal;
  aborted?.addEventListener("abort", cancel, { once: true });
  if (aborted?.aborted) cancel();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (aborted?.aborted) throw new Error("The request was aborted");
      if (done) break;
      if (value.byteLength === 0) continue;
      writeChunk(writer, head, value, chunked);
      head = "";
      await writer.drained();
    }
    writer.write(chunked ? `${head}0\r\n\r\n` : head);
  } catch (error) {
    cancel();
    throw error;
  } finally {
    clearImmediate(flushSoon);
    aborted?.removeEventListener("abort", cancel);
  }
}

function writeChunk(writer: StreamWriter, head: string, bytes: Uint8Array, chunked: boolean): void {
  const prefix = chunked ? `${head}${bytes.byteLength.toString(16)}\r\n` : head;
  const suffix = chunked ? "\r\n" : "";
  if (bytes.byteLength <= joinBytes) {
    writer.write(Buffer.concat([Buffer.from(prefix, "latin1"), bytes, Buffer.from(suffix, "latin1")]));
    return;
  }
  if (prefix !== "") writer.write(prefix);
  writer.write(bytes);
  if (suffix !== "") writer.write(suffix);
}

function hasLength({ headers }: ResponseHead): boolean {
  return headers instanceof Headers ? headers.has("content-length") : "content-length" in headers;
}

function renderHead(
  response: ResponseHead,
  framing: string,
  context: ResponseContext,
  keepLength: boolean,
): string {
  const { status, headers } = response;
  const text = response.statusText || (STATUS_CODES[status] ?? "Unknown");
  let head = `HTTP/1.1 ${status} ${text}\r\n`;
  let dated = false;
  const add = (name: string, value: string): void => {
    // How the body is framed and the connection kept is the server's to say.
    if (name === "transfer-encoding" || name === "connection" || name === "keep-alive") return;
    if (name === "content-length" && !keepLength) return;
    if (name === "date") dated = true;
    head += `${name}: ${value}\r\n`;
  };
  if (headers instanceof Headers) headers.forEach((value, name) => void add(name, value));
  else for (const name in headers) add(name, headers[name] ?? "");
  if (!dated) head += `date: ${httpDate()}\r\n`;
  if (context.close) head += "connection: close\r\n";
  return `${head}${framing}\r\n`;
}

let dateSecond = 0;
let dateText = "";

/** The Date header's text, made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
