/** What a host has left on this machine: looked for from outside, in the kernel's own lists. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { networkNames } from "../../agent/network/network-names.ts";
import { processesOf } from "./host-processes.ts";

/**
 * A line for each process, sandbox, control group, interface, table of rules, mount and socket that is left of a host,
 * and what it is.
 */
export function leftoversOf(hostFolder: string): string[] {
  const { bridge, tapPrefix, table } = networkNames(hostFolder);
  const links = linesOf("ip", "-oneline", "link", "show").map((line) => line.split(": ")[1] ?? "");
  return [
    ...processesOf(hostFolder).map(({ pid, args }) => `process ${pid}: ${args.join(" ")}`),
    ...entriesOf(join(hostFolder, "sandboxes")).map((name) => `sandbox ${name}`),
    ...controlGroupsOf(hostFolder).map((name) => `control group ${name}`),
    ...links
      .filter((link) => link.startsWith(bridge) || link.startsWith(tapPrefix))
      .map((link) => `interface ${link}`),
    ...linesOf("nft", "list", "tables").filter((line) => line.split(" ")[2] === table),
    ...linesNaming("/proc/mounts", hostFolder).map((line) => `mount ${line}`),
    ...linesNaming("/proc/net/unix", hostFolder).map((line) => `socket ${line}`),
  ];
}

/** Those of its machines, where the host makes them itself: named after the folder, as its network is. */
function controlGroupsOf(hostFolder: string): string[] {
  const instance = createHash("sha256").update(hostFolder).digest("hex").slice(0, 8);
  const folder = join("/sys/fs/cgroup", `pacific-pods-${instance}`);
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))
    : [];
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function linesNaming(path: string, text: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.includes(`${text}/`));
}

function linesOf(...command: readonly string[]): string[] {
  const made = Bun.spawnSync([...command]);
  if (made.exitCode !== 0) throw new Error(`${command.join(" ")} failed: ${made.stderr.toString()}`);
  return made.stdout.toString().trim().split("\n");
}
