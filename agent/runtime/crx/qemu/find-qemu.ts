import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RuntimeError } from "../../runtime.ts";

export interface QemuBinary {
  readonly path: string;
  /** As `--version` says it, for example `7.2.22`. */
  readonly version: string;
}

const oldestVersion: readonly [number, number] = [7, 2];

/**
 * Finds the QEMU of this machine's architecture on the search path and asks it for its version.
 * Throws {@link RuntimeError} `create-failed` when there is none, or only one older than 7.2.
 */
export async function findQemu(searchPath: string = process.env.PATH ?? ""): Promise<QemuBinary> {
  if (process.arch !== "x64") {
    throw new RuntimeError("create-failed", `Machines run on x86-64 only, this box is ${process.arch}`);
  }
  const path = Bun.which("qemu-system-x86_64", { PATH: searchPath });
  if (!path) {
    throw new RuntimeError(
      "create-failed",
      `QEMU not found: no qemu-system-x86_64 in ${searchPath}; install it (Debian, Ubuntu: apt-get install qemu-system-x86)`,
    );
  }
  return { path, version: checkVersion(path, await askVersion(path)) };
}

/** The version in the output of `--version`, checked. Throws {@link RuntimeError} `create-failed`. */
export function checkVersion(path: string, output: string): string {
  const match = /version (\d+)\.(\d+)(\.\d+)*/.exec(output);
  if (!match)
    throw new RuntimeError("create-failed", `${path} --version printed no version: ${output.trim()}`);
  const version = match[0].slice("version ".length);
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])) {
    throw new RuntimeError(
      "create-failed",
      `QEMU ${version} at ${path} is too old, expected ${oldestVersion.join(".")} or newer; upgrade qemu-system-x86`,
    );
  }
  return version;
}

async function askVersion(path: string): Promise<string> {
  try {
    return (await promisify(execFile)(path, ["--version"], { timeout: 10_000 })).stdout;
  } catch (error) {
    throw new RuntimeError("create-failed", `${path} --version failed`, { cause: error });
  }
}
