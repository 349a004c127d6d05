import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { Jail, type JailLevel } from "../../../agent/runtime/crx/jail/jail.ts";
import { makeJailRoot } from "../../../agent/runtime/crx/jail/jail-root.ts";
import { MachineDescriptors } from "../../../agent/runtime/crx/jail/machine-descriptors.ts";
import { isFileMissing } from "../../../supervisor/base/errors.ts";
import { builtImage } from "./fixtures.ts";

/** Where a jail of {@link rootWithShell} has the program that tries what a QEMU would that was taken over. */
export const captive = "/bin/captive";

/** A shell in QEMU's place: what a QEMU can do that obeys its guest. */
export interface Prisoner {
  readonly pid: number;
  /** What the script printed, when it has ended. */
  readonly output: Promise<string>;
  end(): Promise<void>;
}

/** A root for jails as the host makes it, with a shell and `captive.c` beside QEMU. */
export async function rootWithShell(folder: string): Promise<string> {
  const root = await makeJailRoot(join(folder, "shell"), Bun.which("qemu-system-x86_64") ?? "");
  if (existsSync(join(root, "bin"))) return root;
  mkdirSync(join(root, "bin"));
  copyFileSync(Bun.which("busybox") ?? "", join(root, "bin/busybox"));
  const source = join(import.meta.dir, "captive.c");
  const compiler = ["musl-gcc", "-static", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"];
  const built = Bun.spawnSync([...compiler, "-o", join(root, captive), source], { stderr: "pipe" });
  if (built.exitCode !== 0) throw new Error(built.stderr.toString());
  return root;
}

/** What `captive.c` says: what came of each attempt. */
export function attempts(said: string): Record<string, string> {
  const lines = said.trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(": ")));
}

export interface Sentence {
  readonly root: string;
  readonly level: JailLevel;
  readonly user: number;
  readonly script: string;
  readonly descriptors?: MachineDescriptors;
  readonly cgroup?: string;
  /** A program that the jailer is started by. */
  readonly before?: readonly string[];
}

/** Runs a script in a jail; `folder` is where its sockets are made. */
export function jailShell(folder: string, sentence: Sentence): Prisoner {
  const { root, level, user, script, descriptors = new MachineDescriptors(), before = [], cgroup } = sentence;
  const guestImage = {
    id: "test",
    kernelPath: builtImage.kernel,
    initrdPath: builtImage.initramfs,
    jailerPath: builtImage.jailer,
    fileServerPath: "/none",
    codeTrimmerPath: "/none",
    kernelArguments: "",
  };
  const jail = new Jail({ level, message: "", guestImage, root });
  const args = ["sh", "-c", `exec 2>&1; ${script}`];
  const program = level === "none" ? join(root, "bin/busybox") : "/bin/busybox";
  const jailed = jail.command({
    program,
    args,
    user,
    descriptors,
    kvm: false,
    maxFileBytes: 0,
    ...(cgroup === undefined ? {} : { cgroup }),
  });
  const child = Bun.spawn([...before, jailed.command, ...jailed.args], {
    cwd: folder,
    // Also what a test has put there.
    env: { ...process.env },
    stdio: ["ignore", "pipe", "pipe", ...descriptors.inherited],
  });
  const output = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return {
    pid: child.pid,
    output: output.then((texts) => texts.join("")),
    async end() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

export interface OpenDescriptor {
  /** Where its link leads. */
  readonly to: string;
  /** As open(2) has them. */
  readonly flags: number;
}

/** What a process has open. It runs: what it closes meanwhile is left out. */
export function openDescriptors(pid: number): OpenDescriptor[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
    try {
      const to = readlinkSync(`/proc/${pid}/fd/${number}`);
      const about = readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8");
      return [{ to, flags: Number.parseInt(/flags:\s+(\d+)/.exec(about)?.[1] ?? "", 8) }];
    } catch (error) {
      if (isFileMissing(error)) return [];
      throw error;
    }
  });
}

/** The fields of `/proc/PID/status`. */
export function statusOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trimEnd().split("\n");
  return new Map(
    lines.map((line): [string, string] => {
      const [name = "", value = ""] = line.split(":\t");
      return [name, value.replaceAll("\t", " ").trim()];
    }),
  );
}
