import type { PullProgress } from "../images/image-service.ts";

/** One line that tells a person what is being done; nothing where there is no terminal. */
export class ProgressLine {
  readonly #out: Pick<NodeJS.WriteStream, "isTTY" | "write"> | undefined;
  #isShown = false;

  constructor(out?: Pick<NodeJS.WriteStream, "isTTY" | "write">) {
    this.#out = out?.isTTY ? out : undefined;
  }

  /** Shows a text in place of the one before. */
  show(text: string): void {
    this.#isShown = true;
    this.#out?.write(`\r${text}\u001b[K`);
  }

  showPull({ phase, doneBytes, totalBytes }: PullProgress): void {
    const percent = totalBytes === 0 ? 0 : Math.floor((100 * doneBytes) / totalBytes);
    this.show(`${phase} ${percent} % of ${formatBytes(totalBytes)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#out?.write("\r\u001b[K");
    this.#isShown = false;
  }
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
