import type { Duplex } from "node:stream";

/** How long one side may take to close after the other has. */
const partingMs = 5000;

/** Carries bytes both ways at the pace of their reader until either side has closed; then both are. */
export function relay(left: Duplex, right: Duplex): Promise<void> {
  left.on("error", () => {});
  right.on("error", () => {});
  left.pipe(right);
  right.pipe(left);
  return Promise.all([closing(left, right), closing(right, left)]).then(() => {});
}

function closing(one: Duplex, other: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      resolve();
      if (other.destroyed) return;
      // What this side sent before it closed still goes to the other.
      if (one.readableEnded) other.end();
      else other.destroy();
      const cut = setTimeout(() => other.destroy(), partingMs);
      other.once("close", () => clearTimeout(cut));
    };
    if (one.destroyed) onClose();
    else one.once("close", onClose);
  });
}
