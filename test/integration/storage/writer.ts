import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logger } from "../../../supervisor/base/logging.ts";
import type { Backend } from "../../../supervisor/storage/backend.ts";
import { openSqliteBackend } from "../../../supervisor/storage/sqlite/open-sqlite-backend.ts";
import type { WriterLine } from "./writer-process.ts";

/** A folder for one store, on a real disk where there is one. */
export class StoreFolder implements Disposable {
  readonly path = mkdtempSync(join(existsSync("/var/tmp") ? "/var/tmp" : tmpdir(), "pacific-storage-"));
  readonly database = join(this.path, "state.db");

  open(): Backend {
    return openSqliteBackend({ path: this.database, logger: new Logger("error") });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

export interface WriterOptions {
  readonly database: string;
  readonly concurrency: number;
  readonly writes: number;
  /** The prefix of keys and values. */
  readonly name: string;
  /** Put before the command, as `strace`. */
  readonly under?: readonly string[];
}

export type Writer = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** Starts `writer-process.ts`. */
export function startWriter(options: WriterOptions): Writer {
  const { database, concurrency, writes, name, under = [] } = options;
  const script = join(import.meta.dir, "writer-process.ts");
  const args = [database, String(concurrency), String(writes), name];
  return Bun.spawn([...under, process.execPath, script, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** The whole lines that a writer said, as they come; a last line that a kill has cut is left out. */
export async function* linesOf(writer: Writer): AsyncGenerator<WriterLine> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of writer.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    // The process is ours and says nothing else.
    for (const line of lines) yield JSON.parse(line) as WriterLine;
  }
}

/** Everything that a writer said until its end; throws with its standard error where it failed. */
export async function outputOf(writer: Writer): Promise<WriterLine[]> {
  const lines: WriterLine[] = [];
  for await (const line of linesOf(writer)) lines.push(line);
  if ((await writer.exited) !== 0) throw new Error(await new Response(writer.stderr).text());
  return lines;
}

/** The acknowledged writes that the store does not have: each is looked up at its own revision, in the history. */
export async function lostWrites(backend: Backend, lines: readonly WriterLine[]): Promise<string[]> {
  const lost: string[] = [];
  for (const line of lines) {
    if (line.kind !== "put" && line.kind !== "delete") continue;
    const { kind, key, value, revision } = line;
    const before = await backend.get(key, revision - 1).catch(() => undefined);
    const state = await backend.get(key, revision).catch((error: Error) => error.message);
    const isThere =
      kind === "delete"
        ? before !== undefined && state === undefined
        : typeof state === "object" && state.value === value && state.modRevision === revision;
    if (!isThere) lost.push(`${kind} ${key} at ${revision}: ${JSON.stringify(state)}`);
  }
  return lost;
}
