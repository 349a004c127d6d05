import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartCounts } from "./junit.ts";

interface Saved {
  readonly key: string;
  readonly parts: Record<string, PartCounts>;
}

/** Remembers which parts have passed on one state of the tree, so that a long run can be resumed. */
export class PassedParts {
  readonly #path: string;
  readonly #key: string | undefined;
  #parts: Record<string, PartCounts> = {};

  /** Without a key nothing is read or remembered. */
  constructor(path: string, key: string | undefined) {
    this.#path = path;
    this.#key = key;
    if (key === undefined) return;
    const saved = readSaved(path);
    if (saved?.key === key) this.#parts = saved.parts;
  }

  get(part: string): PartCounts | undefined {
    return this.#parts[part];
  }

  set(part: string, counts: PartCounts): void {
    if (this.#key === undefined || counts.failed > 0) return;
    this.#parts[part] = counts;
    writeFileSync(this.#path, JSON.stringify({ key: this.#key, parts: this.#parts } satisfies Saved));
  }

  clear(): void {
    this.#parts = {};
    rmSync(this.#path, { force: true });
  }
}

/** What was saved; nothing when the file is absent or was cut off while it was written. */
function readSaved(path: string): Saved | undefined {
  if (!existsSync(path)) return undefined;
  try {
    // The file is this class's own writing.
    return JSON.parse(readFileSync(path, "utf8")) as Saved;
  } catch {
    return undefined;
  }
}

/**
 * A hash of every file that git tracks or would track: what the tests are run on. Undefined where git does not tell,
 * because it is not installed or this is no clone.
 */
export function treeKey(root: string, environment = process.env): string | undefined {
  if (Bun.which("git") === null) return undefined;
  // Root may run the tests in somebody else's clone.
  const list = Bun.spawnSync(
    ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
    { cwd: root, env: environment },
  );
  if (list.exitCode !== 0) return undefined;
  const hasher = new Bun.CryptoHasher("sha256");
  for (const file of list.stdout.toString().split("\0").sort()) {
    const path = join(root, file);
    if (file === "" || !existsSync(path)) continue;
    hasher.update(`${file}\0`).update(readFileSync(path));
  }
  return hasher.digest("hex");
}
