import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostPort } from "./host-port.ts";

const draftPrefix = ".";

/** The host ports of sandboxes by key, in one file each, for the daemon that comes after this one. */
export class HostPortRecords {
  readonly #folder: string;
  readonly #byKey = new Map<string, readonly HostPort[]>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) this.#load(name);
  }

  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  of(key: string): readonly HostPort[] {
    return this.#byKey.get(key) ?? [];
  }

  set(key: string, ports: readonly HostPort[]): void {
    const draft = join(this.#folder, `${draftPrefix}${key}`);
    writeFileSync(draft, JSON.stringify(ports));
    renameSync(draft, join(this.#folder, key));
    this.#byKey.set(key, ports);
  }

  /** Whether there were any. */
  delete(key: string): boolean {
    if (!this.#byKey.delete(key)) return false;
    rmSync(join(this.#folder, key), { force: true });
    return true;
  }

  /** What a power cut left empty or half made is nobody's. */
  #load(name: string): void {
    const file = join(this.#folder, name);
    const text = readFileSync(file, "utf8");
    if (name.startsWith(draftPrefix) || !text.endsWith("]")) rmSync(file, { force: true });
    // Only set() writes here, and renames when the text is whole.
    else this.#byKey.set(name, JSON.parse(text) as HostPort[]);
  }
}
