import type { ThreadReply, ThreadRequest } from "./thread-message.ts";
import type { TaskRunner, WriterTask } from "./writer-task.ts";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A compiled program keeps its entry points by their paths in the source tree. */
const threadUrl = import.meta.url.startsWith("file:///$bunfs/")
  ? new URL("./supervisor/storage/sqlite/writer-thread.ts", import.meta.url)
  : new URL("./writer-thread.ts", import.meta.url);

/**
 * Writes by a connection of its own in a thread of its own, so that neither SQLite's work nor a slow disk holds up the
 * thread that answers requests. The process ends when only this is left, but not while a task runs.
 */
export class ThreadRunner implements TaskRunner {
  readonly #thread = new Worker(threadUrl);
  readonly #waiting: Waiting[] = [];
  readonly #opened: Promise<void>;
  #broken: Error | undefined;

  constructor(path: string) {
    this.#thread.onmessage = ({ data }: MessageEvent<ThreadReply>) => this.#onReply(data);
    this.#thread.onerror = ({ message }) =>
      this.#onEnd(new Error(`The writing thread has ended: ${message}`));
    this.#opened = this.#send({ kind: "open", path });
    // The tasks tell of it.
    this.#opened.catch(() => undefined);
  }

  async run(task: WriterTask): Promise<void> {
    await this.#opened;
    await this.#send(task.kind === "commit" ? task.changes : task);
  }

  async close(): Promise<void> {
    // A thread that could not open or has ended has nothing to close.
    await this.#send({ kind: "close" }).catch(() => undefined);
    this.#onEnd(new Error("The writing thread is closed"));
    this.#thread.terminate();
  }

  #send(request: ThreadRequest): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#thread.ref();
      this.#thread.postMessage(request);
    });
  }

  #onReply({ failure }: ThreadReply): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#thread.unref();
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(errorOf(failure));
  }

  #onEnd(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function errorOf({ message, code }: NonNullable<ThreadReply["failure"]>): Error {
  const error = new Error(message);
  return code === undefined ? error : Object.assign(error, { code });
}
