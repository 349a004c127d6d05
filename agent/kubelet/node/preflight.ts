import { mkdirSync } from "node:fs";
import type { HostSettings } from "../../../supervisor/base/config/host-settings.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { HostError } from "../host-error.ts";

/** RFC 1123 subdomain, which names of Nodes must be. */
const nodeNamePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What the checks depend on. */
type PreflightSettings = Pick<HostSettings, "nodeName" | "network" | "dataDir">;

export interface Preflight {
  readonly userId: number;
  /** Where a program is, as `which` says it. */
  readonly which: (program: string) => string | null;
}

const here: Preflight = { userId: process.getuid?.() ?? 0, which: (program) => Bun.which(program) };

/** Finds out at once what would fail later; QEMU is looked for by the runtime. Throws {@link HostError}. */
export function preflight(settings: PreflightSettings, { userId, which }: Preflight = here): void {
  const { nodeName, network, dataDir } = settings;
  if (nodeName.length > 253 || !nodeNamePattern.test(nodeName)) {
    throw new HostError(
      `Node name ${JSON.stringify(nodeName)} must be lower-case letters, digits, "-" and ".", and begin and end with a letter or digit: give another with --node-name`,
    );
  }
  if (network === "auto") {
    if (userId !== 0) {
      throw new HostError(
        `The network of Pods needs root, this is user ${userId}: start as root, or with --network none for Pods without a network`,
      );
    }
    requireProgram("ip", "iproute2", which);
    requireProgram("nft", "nftables", which);
  }
  makeDataDir(dataDir);
}

function requireProgram(program: string, debianPackage: string, which: Preflight["which"]): void {
  if (which(program)) return;
  throw new HostError(
    `Program ${program} is missing: install ${debianPackage}, or start with --network none for Pods without a network`,
  );
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = messageOf(error);
    throw new HostError(`Cannot make data folder ${dataDir} (${why}): give another with --data-dir`, {
      cause: error,
    });
  }
}
