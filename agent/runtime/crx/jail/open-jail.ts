import { messageOf } from "../../../../supervisor/base/errors.ts";
import type { Logger } from "../../../../supervisor/base/logging.ts";
import { RuntimeError } from "../../runtime.ts";
import type { GuestImage } from "../guest-image.ts";
import { Jail, type JailLevel } from "./jail.ts";
import { makeJailRoot } from "./jail-root.ts";
import type { JailUsers } from "./jail-users.ts";

export interface OpenJailOptions {
  readonly dataDir: string;
  readonly qemuPath: string;
  readonly guestImage: GuestImage;
  readonly users: JailUsers;
  readonly logger: Logger;
}

const levels: readonly JailLevel[] = ["full", "namespaces", "none"];
const meaning: Readonly<Record<JailLevel, string>> = {
  full: "Each machine has a user, namespaces and a root of its own, and no rights",
  namespaces: "Machines have namespaces and roots of their own and no rights, but share the daemon's user",
  none: "Machines have no rights, but share the daemon's user and see its files",
};

/**
 * The strongest jail that can be made here, found out by making each. Throws {@link RuntimeError} `create-failed` when
 * the jailer does not even run.
 */
export async function openJail(options: OpenJailOptions): Promise<Jail> {
  const { dataDir, qemuPath, guestImage } = options;
  const root = await makeJailRoot(dataDir, qemuPath, guestImage.codeTrimmerPath);
  const failures: string[] = [];
  for (const level of levels) {
    if (level === "full" && process.getuid?.() !== 0) {
      failures.push("the host does not run as root");
      continue;
    }
    const failure = await tryJail(options, root, level);
    if (failure === undefined) return settle(options, root, level, failures);
    failures.push(failure);
  }
  throw new RuntimeError("create-failed", `Machines cannot be jailed: ${failures.join("; ")}`);
}

function settle(
  { guestImage, logger }: OpenJailOptions,
  root: string,
  level: JailLevel,
  why: string[],
): Jail {
  const message = [meaning[level], ...why].join(": ");
  if (level !== "full") logger.warn("Machines are jailed less than they could be", { jail: message });
  return new Jail({ level, message, guestImage, root });
}

/** Makes a jail and leaves it at once; resolves with why it cannot be made. */
async function tryJail(
  { guestImage, users }: OpenJailOptions,
  root: string,
  level: JailLevel,
): Promise<string | undefined> {
  const user = users.allocate();
  const { command, args } = new Jail({ level, message: "", guestImage, root }).trial(user);
  try {
    const child = Bun.spawn([command, ...args], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const said = await new Response(child.stderr).text();
    return (await child.exited) === 0 ? undefined : said.trim().replace(/^jailer: /, "");
  } catch (error) {
    return `${command} does not run (${messageOf(error)})`;
  } finally {
    users.release(user);
  }
}
