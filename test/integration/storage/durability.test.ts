import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lostWrites, outputOf, StoreFolder, startWriter } from "./writer.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const strace = Bun.which("strace");
const canTrace = strace !== null && Bun.spawnSync([strace, "-o", "/dev/null", "true"]).exitCode === 0;
const reason = canTrace ? "" : " (skipped: strace is absent or may not trace)";

/** What the trace says of one call on the log or on standard output, at the time of its end. */
interface Call {
  readonly seconds: number;
  readonly kind: "log write" | "log sync" | "acknowledgement";
  readonly text: string;
}

/** Reads the calls in the order of their ends; one that another thread interrupted stands on two lines. */
function readTrace(file: string): Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of readFileSync(file, "latin1").split("\n")) {
    const [, thread = "", time = "", rest = ""] = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      begun.set(thread, rest);
      // An acknowledgement counts from its beginning: its reader may be faster than the call's return.
      if (kindOf(rest) === "acknowledgement")
        calls.push({ seconds: Number(time), kind: "acknowledgement", text: rest });
      continue;
    }
    const isResumed = rest.startsWith("<...");
    const text = isResumed ? `${begun.get(thread) ?? ""}${rest}` : rest;
    const kind = kindOf(text);
    if (kind === undefined || (isResumed && kind === "acknowledgement")) continue;
    if (kind === "log sync" && !/ = 0\b/.test(text)) continue;
    calls.push({ seconds: Number(time), kind, text });
  }
  return calls;
}

function kindOf(text: string): Call["kind"] | undefined {
  if (/^pwrite64\(\d+<[^>]*state\.db-wal>/.test(text)) return "log write";
  if (/^f(data)?sync\(\d+<[^>]*state\.db-wal>/.test(text)) return "log sync";
  if (/^write\(1<[^>]*>, "\{\\"kind\\":\\"(put|delete)/.test(text)) return "acknowledgement";
  return undefined;
}

test.skipIf(!canTrace)(
  `no acknowledgement leaves before the fsync that covers it has returned${reason}`,
  async () => {
    using folder = new StoreFolder();
    const trace = join(folder.path, "trace");
    const calls = "trace=write,pwrite64,fsync,fdatasync";
    const under = [strace ?? "", "-f", "-y", "-ttt", "-s", "5000", "-e", calls, "-o", trace];
    const writes = 300;
    const lines = await outputOf(
      startWriter({ database: folder.database, concurrency: 16, writes, name: "traced", under }),
    );
    expect(lines).toHaveLength(writes + 1);

    let unsynced: Call | undefined;
    let syncs = 0;
    let acknowledged = 0;
    let writtenText = "";
    let syncedText = "";
    for (const call of readTrace(trace)) {
      if (call.kind === "log write") {
        unsynced = call;
        writtenText += call.text;
      } else if (call.kind === "log sync") {
        syncs += 1;
        unsynced = undefined;
        syncedText += writtenText;
        writtenText = "";
      } else {
        acknowledged += 1;
        // Nothing in the log may wait for its sync, and the acknowledged value must be in what is synced.
        expect(unsynced?.seconds).toBeUndefined();
        const value = /<traced-\d+>/.exec(call.text)?.[0];
        if (call.text.includes('\\"put\\"')) expect(syncedText.includes(value ?? "none")).toBe(true);
      }
    }
    expect(acknowledged).toBe(writes);
    expect(syncs).toBeGreaterThan(10);
    expect(syncs).toBeLessThan(writes);
    const backend = folder.open();
    expect(await lostWrites(backend, lines)).toEqual([]);
    await backend.close();
  },
);
