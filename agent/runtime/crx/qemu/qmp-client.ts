import type { Socket } from "node:net";
import { systemClock } from "../../../../supervisor/base/clock.ts";
import { type Patience, plainPatience } from "../patience.ts";
import { sendDescriptor } from "./send-descriptor.ts";

/** What QEMU tells by itself: `SHUTDOWN`, `GUEST_PANICKED`, `DEVICE_DELETED`, … (QEMU QMP reference). */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A command that QEMU refused, or a connection that broke. `kind` is `command` for the first. */
export class QmpError extends Error {
  override readonly name = "QmpError";
  constructor(
    readonly kind: "command" | "timeout" | "closed" | "protocol",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Pending {
  readonly command: string;
  readonly stopWaiting: () => void;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const maxLineBytes = 1 << 20;
const defaultTimeoutMs = 10_000;
const byTheClock = plainPatience(systemClock);

export interface QmpClientOptions {
  /** Until when the greeting is waited for. */
  readonly signal?: AbortSignal;
  /** How an answer is waited for that has no limit of its own; by the clock by default. */
  readonly patience?: Patience;
}

/** Speaks the QEMU Machine Protocol on a connected socket (QEMU docs/interop/qmp-spec). */
export class QmpClient {
  readonly #socket: Socket;
  readonly #patience: Patience;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  readonly #greeting = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();
  #nextId = 1;
  #isClosed = false;
  #rest: Buffer[] = [];
  #restBytes = 0;

  private constructor(socket: Socket, patience: Patience) {
    this.#socket = socket;
    this.#patience = patience;
    this.#greeting.promise.catch(() => {});
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => this.#end(new QmpError("closed", "QEMU closed its monitor socket")));
  }

  /**
   * Waits for the greeting until the signal, whose reason it throws then, and leaves negotiation mode. The client owns the
   * socket from here on.
   */
  static async open(socket: Socket, options: QmpClientOptions = {}): Promise<QmpClient> {
    const { signal, patience = byTheClock } = options;
    const client = new QmpClient(socket, patience);
    const giveUp = (): void => client.#fail(new QmpError("timeout", "QEMU sent no QMP greeting"));
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      signal?.throwIfAborted();
      await client.#greeting.promise;
      const untilTheEnd: Patience = () => () => {};
      const begin = (id: number): void => client.#write("qmp_capabilities", {}, id);
      await client.#run("qmp_capabilities", signal ? untilTheEnd : patience, begin);
      return client;
    } catch (error) {
      client.close();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Runs one command and resolves with its `return`; QEMU has to answer within `timeoutMs`. Throws {@link QmpError}. */
  execute(command: string, args: object = {}, timeoutMs?: number): Promise<unknown> {
    const patience: Patience =
      timeoutMs === undefined ? this.#patience : (_, giveUp) => byTheClock(timeoutMs, giveUp);
    return this.#run(command, patience, (id) => this.#write(command, args, id));
  }

  /**
   * Gives QEMU a copy of an open descriptor. Resolves with the number of the set that holds it, which stands for it as
   * the file `/dev/fdset/N` until `remove-fd`. Throws {@link QmpError}.
   */
  async addDescriptor(descriptor: number): Promise<number> {
    const answer = await this.#send("add-fd", {}, descriptor);
    return Number(Object(answer)["fdset-id"]);
  }

  /** Gives QEMU a copy of an open descriptor under a name, as `migrate` takes it. Throws {@link QmpError}. */
  async nameDescriptor(name: string, descriptor: number): Promise<void> {
    await this.#send("getfd", { fdname: name }, descriptor);
  }

  #send(command: string, args: object, descriptor: number): Promise<unknown> {
    return this.#run(command, this.#patience, (id) => {
      const bytes = Buffer.from(commandLine(command, args, id));
      if (this.#socket.writableLength > 0)
        throw new QmpError("protocol", "QEMU reads its monitor too slowly");
      const sent = sendDescriptor(this.#socket, bytes, descriptor);
      if (sent < bytes.length) this.#socket.write(bytes.subarray(sent));
    });
  }

  #write(command: string, args: object, id: number): void {
    this.#socket.write(commandLine(command, args, id));
  }

  #run(command: string, patience: Patience, send: (id: number) => void): Promise<unknown> {
    if (this.#isClosed)
      return Promise.reject(new QmpError("closed", `QMP ${command}: the connection is closed`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const stopWaiting = patience(defaultTimeoutMs, (waitedMs) => {
        this.#pending.delete(id);
        reject(new QmpError("timeout", `QMP ${command}: no answer within ${waitedMs} ms`));
      });
      this.#pending.set(id, { command, stopWaiting, resolve, reject });
      send(id);
    });
  }

  /** Calls the listener for each event until the returned function is called. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#fail(new QmpError("closed", "The QMP connection was closed"));
  }

  #fail(error: QmpError): void {
    this.#end(error);
    this.#socket.destroy();
  }

  #end(error: QmpError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#greeting.reject(error);
    for (const pending of this.#pending.values()) {
      pending.stopWaiting();
      pending.reject(new QmpError(error.kind, `QMP ${pending.command}: ${error.message}`, { cause: error }));
    }
    this.#pending.clear();
    this.#closed.resolve();
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0 && !this.#isClosed; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#rest, rest.subarray(0, end)]).toString("utf8");
      this.#rest = [];
      this.#restBytes = 0;
      rest = rest.subarray(end + 1);
      this.#line(line);
    }
    this.#rest.push(rest);
    this.#restBytes += rest.length;
    if (this.#restBytes > maxLineBytes) {
      this.#fail(new QmpError("protocol", `QEMU sent a QMP line of more than ${maxLineBytes} bytes`));
    }
  }

  #line(line: string): void {
    const message = parseObject(line);
    if (!message) this.#fail(new QmpError("protocol", "QEMU sent a QMP line that is no JSON object"));
    else if ("QMP" in message) this.#greeting.resolve();
    else if (typeof message.event === "string") this.#emit(message.event, message.data);
    else if (typeof message.id === "number") this.#answer(message.id, message);
  }

  #answer(id: number, message: Record<string, unknown>): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.stopWaiting();
    if ("return" in message) pending.resolve(message.return);
    else pending.reject(new QmpError("command", `QMP ${pending.command}: ${errorText(message.error)}`));
  }

  #emit(event: string, data: unknown): void {
    for (const listener of this.#listeners) listener({ event, data: isRecord(data) ? data : {} });
  }
}

function commandLine(command: string, args: object, id: number): string {
  return `${JSON.stringify({ execute: command, arguments: args, id })}\n`;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function errorText(error: unknown): string {
  return isRecord(error) && typeof error.desc === "string" ? error.desc : "unknown error";
}
