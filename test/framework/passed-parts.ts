import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { JunitCounts } from "./junit.ts";

interface Saved {
  readonly key: string;
  readonly parts: Record<string, JunitCounts>;
}

/** Remembers which parts have passed on one state of the tree, so that a long run can be resumed. */
export class PassedParts {
  readonly #path: string;
  readonly #key: string | undefined;
  #parts: Record<string, JunitCounts> = {};

  /** Without a key nothing is read or remembered. */
  constructor(path: string, key: string | undefined) {
    this.#path = path;
    this.#key = key;
    if (key === undefined || !existsSync(path)) return;
    // The file is this class's own writing.
    const saved = JSON.parse(readFileSync(path, "utf8")) as Saved;
    if (saved.key === key) this.#parts = saved.parts;
  }

  get(part: string): JunitCounts | undefined {
    return this.#parts[part];
  }

  set(part: string, counts: JunitCounts): void {
    if (this.#key === undefined) return;
    this.#parts[part] = counts;
    writeFileSync(this.#path, JSON.stringify({ key: this.#key, parts: this.#parts } satisfies Saved));
  }

  clear(): void {
    this.#parts = {};
    rmSync(this.#path, { force: true });
  }
}

/** A hash of every file that git tracks or would track: what the tests are run on. */
export function treeKey(root: string): string {
  const files = Bun.spawnSync(["git", "ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: root,
  }).stdout.toString();
  const hasher = new Bun.CryptoHasher("sha256");
  for (const file of files.split("\0").sort()) {
    if (file === "" || !existsSync(`${root}/${file}`)) continue;
    hasher.update(`${file}\0`).update(readFileSync(`${root}/${file}`));
  }
  return hasher.digest("hex");
}
