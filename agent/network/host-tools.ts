import { writeFile } from "node:fs/promises";
import { NetworkError } from "./pod-network.ts";

/**
 * How the network reaches the kernel. The programs `ip` and `nft` are used because they are the kernel's stable
 * interface for people and scripts: each of our changes is one call that takes a whole batch on its standard input,
 * and nobody can get at netlink from Bun without native code.
 */
export interface HostTools {
  /** Runs a program to its end and gives its output. Throws {@link NetworkError}. */
  run(program: "ip" | "nft", args: readonly string[], input?: string): Promise<string>;
  /** Sets a kernel parameter, `net/ipv4/ip_forward`. */
  setSysctl(name: string, value: string): Promise<void>;
}

const packages = { ip: "iproute2", nft: "nftables" } as const;

export const hostTools: HostTools = {
  run: (program, args, input) => runTool([program, ...args], input),
  setSysctl: (name, value) => writeFile(`/proc/sys/${name}`, value),
};

/** Runs a command line whose last part is a call of `ip` or `nft`. Throws {@link NetworkError}. */
export async function runTool(command: readonly string[], input?: string): Promise<string> {
  const [program = ""] = command;
  const child = spawnTool(command, input);
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode === 0) return output;
  const text = errors.trim() || `exit code ${exitCode}`;
  const doing =
    input === undefined ? command.join(" ") : `${program} (${input.trim().split("\n").length} lines)`;
  const forbidden = /not permitted|permission denied/i.test(errors);
  throw new NetworkError(
    forbidden ? "permission" : "command-failed",
    `Cannot set up the network: ${doing}: ${text}${forbidden ? ": run as root, or start with --network none" : ""}`,
  );
}

function spawnTool(command: readonly string[], input: string | undefined) {
  try {
    return Bun.spawn([...command], {
      stdin: input === undefined ? "ignore" : Buffer.from(input),
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, LC_ALL: "C" },
    });
  } catch (error) {
    const program = command[0] ?? "";
    const name = program === "ip" || program === "nft" ? packages[program] : program;
    throw new NetworkError(
      "missing-tool",
      `Program ${program} is missing: install ${name}, or start with --network none`,
      { cause: error },
    );
  }
}
