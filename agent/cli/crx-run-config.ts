import { join } from "node:path";
import { UsageError } from "../../supervisor/base/config/usage-error.ts";
import type { Image } from "../images/image-service.ts";
import { plainSecurity } from "../runtime/plain-security.ts";
import type { ContainerConfig, PodSandboxConfig } from "../runtime/runtime.ts";

export interface CrxRunSize {
  readonly cpuCount: number;
  /** For the container; the guest itself takes more. */
  readonly memoryBytes: number;
}

const guestMemoryBytes = 64 << 20;
const name = "main";
const hostname = "crx";
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function crxSandboxConfig(folder: string, image: Image, size: CrxRunSize): PodSandboxConfig {
  return {
    metadata: { namespace: "default", name: hostname, uid: crypto.randomUUID(), attempt: 0 },
    hostname,
    labels: {},
    annotations: {},
    dns: { servers: [], searches: [], options: [] },
    hostAliases: [],
    cpuCount: size.cpuCount,
    cpuWeight: 100,
    memoryBytes: size.memoryBytes + guestMemoryBytes,
    logDirectory: join(folder, "logs"),
    sysctls: {},
    imageDiskPaths: [image.diskPath],
  };
}

/** Throws {@link UsageError} when neither the image nor the caller names a command. */
export function crxContainerConfig(
  image: Image,
  run: { readonly command: readonly string[]; readonly tty: boolean; readonly interactive: boolean },
): ContainerConfig {
  const { entrypoint, cmd, env, user, workingDir, stopSignal } = image.config;
  const args = run.command.length > 0 ? run.command : [...entrypoint, ...cmd];
  if (args.length === 0) throw new UsageError("The image names no command: give one after --");
  return {
    metadata: { name, attempt: 0 },
    imageId: image.id,
    imageDiskPath: image.diskPath,
    args,
    workingDir: workingDir || "/",
    env: environment(env, run.tty),
    tty: run.tty,
    stdin: run.interactive,
    stdinOnce: run.interactive,
    logPath: `${name}.log`,
    labels: {},
    annotations: {},
    resources: { cpuMillis: 0, cpuWeight: 100, memoryBytes: 0 },
    security: { ...plainSecurity, user },
    mounts: [],
    stopSignal: stopSignal || "SIGTERM",
  };
}

function environment(lines: readonly string[], tty: boolean): Array<{ name: string; value: string }> {
  const all = [`PATH=${defaultPath}`, `HOSTNAME=${hostname}`, ...(tty ? ["TERM=xterm"] : []), ...lines];
  const variables = new Map(
    all.map((line): [string, string] => {
      const [key = "", ...rest] = line.split("=");
      return [key, rest.join("=")];
    }),
  );
  return [...variables].map(([key, value]) => ({ name: key, value }));
}
