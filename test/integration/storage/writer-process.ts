/**
 * A process for the tests to kill, trace and starve: `bun writer-process.ts PATH CONCURRENCY WRITES NAME`.
 * Writes to the store with that many writers until that many writes are done. Each result goes to standard output as
 * one JSON line by a write of its own, as soon as the store has answered.
 */
import { writeSync } from "node:fs";
import { Logger } from "../../../supervisor/base/logging.ts";
import type { KeyValue } from "../../../supervisor/storage/backend.ts";
import { openSqliteBackend } from "../../../supervisor/storage/sqlite/open-sqlite-backend.ts";

/** One line of this process's output. */
export type WriterLine =
  | { readonly kind: "open"; readonly revision: number }
  | {
      readonly kind: "put" | "delete";
      readonly key: string;
      readonly value: string;
      readonly revision: number;
    }
  | {
      readonly kind: "failure";
      readonly error: string;
      readonly message: string;
      /** The store's revision before and after the write, and what is visible of it. */
      readonly revisions: readonly [number, number];
      readonly visible: string | undefined;
    };

function say(line: WriterLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

const [path = "", concurrency = "1", writes = "1000", name = "w"] = process.argv.slice(2);
const backend = openSqliteBackend({ path, logger: new Logger("error"), writes: "thread" });
say({ kind: "open", revision: backend.currentRevision() });

/** Every third write changes the key of the one before, every ninth deletes it. */
async function write(index: number, previous: KeyValue | undefined): Promise<KeyValue | undefined> {
  const value = `<${name}-${index}>`.padEnd(300 + ((index * 37) % 1500), "-");
  if (previous !== undefined && index % 9 === 8) {
    const { key, modRevision } = await backend.delete(previous.key, previous.modRevision);
    say({ kind: "delete", key, value: "", revision: modRevision });
    return undefined;
  }
  const state =
    previous !== undefined && index % 3 === 2
      ? await backend.update(previous.key, value, previous.modRevision)
      : await backend.create(`/${name}/${index}`, value);
  say({ kind: "put", key: state.key, value, revision: state.modRevision });
  return state;
}

let next = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    let previous: KeyValue | undefined;
    while (next < Number(writes)) {
      const index = next++;
      const before = backend.currentRevision();
      try {
        previous = await write(index, previous);
      } catch (error) {
        const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
        const visible = (await backend.get(`/${name}/${index}`))?.value;
        const revisions = [before, backend.currentRevision()] as const;
        say({ kind: "failure", error: kind, message, revisions, visible });
      }
    }
  }),
);
await backend.close();
