import { systemClock } from "../../../../supervisor/base/clock.ts";
import { RuntimeError } from "../../runtime.ts";
import { type Patience, plainPatience } from "../patience.ts";
import { FieldReader, type FieldWriter } from "./fields.ts";
import type { Frame, FrameSender } from "./frame-codec.ts";
import { frameFlag, frameType, maxMessageBytes, maxPayloadBytes, ProtocolError, tag } from "./protocol.ts";

/** A request that the guest answered with `ERROR`. The message is the guest's own, for people. */
export class GuestError extends Error {
  override readonly name = "GuestError";
  constructor(
    readonly kind: number,
    message: string,
  ) {
    super(message);
  }
}

/** Something that happened in the guest; repeated after every hello until `acknowledge` is called. */
export interface GuestEvent {
  readonly type: "container-exited" | "exec-exited" | "memory-wish";
  readonly fields: FieldReader;
  acknowledge(): void;
}

export interface GuestRequest {
  readonly type: number;
  readonly fields?: FieldWriter;
  readonly timeoutMs?: number;
  /** Whether the limit counts however busy the machine is. */
  readonly isStrict?: boolean;
  /** Is sent however many are unanswered: a guest that has too many says so, and that is an answer. */
  readonly isUrgent?: boolean;
}

interface PartialMessage {
  readonly type: number;
  readonly id: number;
  readonly parts: Buffer[];
  bytes: number;
}

interface Waiting {
  settle(answer: FieldReader | Error): void;
}

/** How many requests a guest takes at a time. */
const maxUnanswered = 64;
/** So many more wait for their turn; a guest that falls further behind is one that does not answer. */
const maxQueued = 1024;
const defaultTimeoutMs = 30_000;
const byTheClock = plainPatience(systemClock);
/** A message is cut into far fewer frames than this, but empty ones must not go on for ever. */
const maxParts = 1024;

/** Requests, answers and events of the control port. Feed it the port's frames; it sends through `channel`. */
export class ControlClient {
  readonly #channel: FrameSender;
  readonly #onEvent: (event: GuestEvent) => void;
  readonly #patience: Patience;
  readonly #unanswered = new Map<number, Waiting>();
  readonly #queue = new Set<() => void>();
  #partial: PartialMessage | undefined;
  #nextId = 1;
  #ended: Error | undefined;

  constructor(channel: FrameSender, onEvent: (event: GuestEvent) => void, patience: Patience = byTheClock) {
    this.#patience = patience;
    this.#channel = channel;
    this.#onEvent = onEvent;
  }

  /**
   * Sends a request and resolves with what `read` makes of the answer's fields; what `read` throws ends the channel.
   * Throws {@link GuestError}, or {@link RuntimeError}: `timeout`, `invalid` (the message is too long), `sandbox-gone`.
   */
  request<T>(request: GuestRequest, read: (answer: FieldReader) => T): Promise<T> {
    const { type, fields, timeoutMs = defaultTimeoutMs, isUrgent = false, isStrict = false } = request;
    const payload = fields?.finish() ?? Buffer.alloc(0);
    if (this.#ended) return Promise.reject(gone(this.#ended));
    if (payload.length > maxMessageBytes) return Promise.reject(tooLong(payload.length));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const start = (): void => this.#send(type, payload, { settle });
    const stopWaiting = (isStrict ? byTheClock : this.#patience)(timeoutMs, (waitedMs) => {
      // One that was not sent yet never is; of one that was, the id stays taken until the late answer comes.
      this.#queue.delete(start);
      reject(new RuntimeError("timeout", `The guest did not answer within ${waitedMs} ms`));
    });
    const settle = (answer: FieldReader | Error): void => {
      stopWaiting();
      if (answer instanceof Error) reject(answer);
      else resolve(readOrReject(answer, read, reject));
    };
    if (isUrgent || this.#unanswered.size < maxUnanswered) start();
    else if (this.#queue.size < maxQueued) this.#queue.add(start);
    else settle(behind());
    return promise;
  }

  /** Takes the port's next frame. Throws {@link ProtocolError}. */
  receive(frame: Frame): void {
    const message = this.#partial ?? { type: frame.type, id: frame.id, parts: [], bytes: 0 };
    if (message.type !== frame.type || message.id !== frame.id) {
      throw new ProtocolError("The guest put a frame into the middle of a message");
    }
    message.parts.push(Buffer.from(frame.payload));
    message.bytes += frame.payload.length;
    if (message.bytes > maxMessageBytes || message.parts.length > maxParts) {
      throw new ProtocolError(`The guest sent a message longer than ${maxMessageBytes} bytes`);
    }
    const isUnfinished = (frame.flags & frameFlag.more) !== 0;
    this.#partial = isUnfinished ? message : undefined;
    if (!isUnfinished) this.#message(frame.type, frame.id, Buffer.concat(message.parts));
  }

  /** Rejects what is under way and everything that follows. */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const waiting of this.#unanswered.values()) waiting.settle(gone(error));
    this.#unanswered.clear();
    for (const start of this.#queue) start();
    this.#queue.clear();
  }

  #send(type: number, payload: Buffer, waiting: Waiting): void {
    if (this.#ended) {
      waiting.settle(gone(this.#ended));
      return;
    }
    while (this.#unanswered.has(this.#nextId) || this.#nextId === 0) this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    this.#unanswered.set(id, waiting);
    for (let at = 0; at === 0 || at < payload.length; at += maxPayloadBytes) {
      const isLast = at + maxPayloadBytes >= payload.length;
      const part = payload.subarray(at, at + maxPayloadBytes);
      this.#channel.send({ type, id, flags: isLast ? 0 : frameFlag.more, payload: part });
    }
  }

  #message(type: number, id: number, payload: Buffer): void {
    if (type === frameType.containerExited) this.#event("container-exited", id, payload);
    else if (type === frameType.execExited) this.#event("exec-exited", id, payload);
    else if (type === frameType.memoryWish) this.#event("memory-wish", id, payload);
    else if (type === frameType.ok || type === frameType.error)
      this.#answer(type, id, new FieldReader(payload));
    else throw new ProtocolError(`The guest sent frame type ${type} on its control port`);
  }

  #event(type: GuestEvent["type"], id: number, payload: Buffer): void {
    const acknowledge = (): void => this.#channel.send({ type: frameType.eventAck, id });
    this.#onEvent({ type, fields: new FieldReader(payload), acknowledge });
  }

  #answer(type: number, id: number, fields: FieldReader): void {
    const waiting = this.#unanswered.get(id);
    if (!waiting) throw new ProtocolError(`The guest answered request ${id}, which does not exist`);
    // A malformed error ends the channel, and with it the request, which is still among the unanswered then.
    const answer = type === frameType.ok ? fields : readError(fields);
    this.#unanswered.delete(id);
    waiting.settle(answer);
    this.#startNext();
  }

  #startNext(): void {
    const [next] = this.#queue;
    if (!next) return;
    this.#queue.delete(next);
    next();
  }
}

function readError(fields: FieldReader): GuestError {
  return new GuestError(fields.needU32(tag.errorKind), fields.message(tag.message) ?? "Unknown error");
}

function readOrReject<T>(
  answer: FieldReader,
  read: (answer: FieldReader) => T,
  reject: (error: unknown) => void,
): T {
  try {
    return read(answer);
  } catch (error) {
    reject(error);
    throw error;
  }
}

function tooLong(length: number): RuntimeError {
  return new RuntimeError(
    "invalid",
    `A request to the guest has ${length} bytes, expected at most ${maxMessageBytes}: shorten arguments or environment`,
  );
}

function behind(): RuntimeError {
  return new RuntimeError("timeout", `The guest has ${maxUnanswered + maxQueued} requests to answer`);
}

function gone(cause: Error): RuntimeError {
  return new RuntimeError("sandbox-gone", `The sandbox's machine is gone: ${cause.message}`, { cause });
}
