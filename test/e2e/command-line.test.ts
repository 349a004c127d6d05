/** The command line's contracts, by the real binary: where settings come from, and exit codes. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, root, run } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-command-line");

const binary = join(root, "dist/pacific");
const folder = mkdtempSync(join(tmpdir(), "pacific-command-line-"));
const configFile = join(folder, "config.yaml");

/** Runs pacific where `/etc/pacific` holds this configuration file and nothing else. */
const configured = ["unshare", "--mount", "sh", "-c"];
const script =
  'mkdir -p /etc/pacific; mount -t tmpfs tmpfs /etc/pacific; cp "$CONFIG" /etc/pacific/config.yaml; exec "$@"';

function pacific(args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return run([...configured, script, "sh", binary, ...args], { env: { CONFIG: configFile, ...env } });
}

beforeAll(() => {
  const supervisor = `supervisor:\n  data-dir: ${folder}/from-file\n  listen: 127.0.0.1:16461\n  write-kubeconfig: ${folder}/kubeconfig.yaml\n`;
  writeFileSync(configFile, `${supervisor}host:\n  accel: from-file\n  data-dir: ${folder}/host\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Supervisor {
  readonly log: () => string;
  readonly end: (signal: "SIGINT" | "SIGTERM") => Promise<number>;
}

/** Starts a supervisor and waits until it is ready. */
async function supervisor(args: readonly string[], env: Record<string, string> = {}): Promise<Supervisor> {
  const child = Bun.spawn([...configured, script, "sh", binary, "supervisor", ...args], {
    env: { ...process.env, CONFIG: configFile, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  await eventually("the supervisor is ready", 30_000, () => {
    if (child.exitCode !== null) throw new Error(`The supervisor ended with ${child.exitCode}: ${text}`);
    return text.includes("The supervisor is ready");
  });
  const end = async (signal: "SIGINT" | "SIGTERM"): Promise<number> => {
    child.kill(signal);
    await collected;
    return child.exited;
  };
  return { log: () => text, end };
}

describe("a setting", () => {
  test.each([
    ["its key in the configuration file", [], {}, 16461],
    ["its variable", [], { PACIFIC_SUPERVISOR_LISTEN: "127.0.0.1:16462" }, 16462],
    ["its flag", ["--listen", "127.0.0.1:16463"], { PACIFIC_SUPERVISOR_LISTEN: "127.0.0.1:16462" }, 16463],
  ] as const)("of the supervisor comes from %s", async (_source, args, env, port) => {
    const running = await supervisor(args, env);
    expect(running.log()).toContain(`port=${port}`);
    await running.end("SIGTERM");
  });

  test.each([
    ["its key in the configuration file", [], {}, "from-file"],
    ["its variable", [], { PACIFIC_HOST_ACCEL: "from-variable" }, "from-variable"],
    ["its flag", ["--accel", "from-flag"], { PACIFIC_HOST_ACCEL: "from-variable" }, "from-flag"],
  ] as const)("of the host comes from %s", async (_source, args, env, value) => {
    const result = await pacific(["host", ...args], env);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(value);
  });
});

describe("the exit code", () => {
  test("is 0 for what was done", async () => {
    const result = await pacific(["version"]);
    expect(result).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^v1\.36\.0\+pacific\.\d+\n$/),
      stderr: "",
    });
  });

  test.each([
    [[]],
    [["nonsense"]],
    [["supervisor", "--no-such-flag"]],
    [["supervisor", "--listen", "nowhere"]],
    [["token"]],
    [["token", "create", "--ttl", "soon"]],
    [["host", "--accel", "warp"]],
  ])("is 2 for a wrong command line: %p", async (args) => {
    const result = await pacific(args);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toContain("    at ");
  });

  test("./install.sh build changes nothing where everything is in place, and says so", async () => {
    const build = () => Bun.spawnSync([join(root, "install.sh"), "build"], { stdin: "ignore" });
    expect(build().exitCode).toBe(0);
    const before = statSync(binary).mtimeMs;
    const { exitCode, stdout } = build();
    expect(stdout.toString()).toEndWith("Everything was in place: nothing was changed.\n");
    expect(exitCode).toBe(0);
    expect(statSync(binary).mtimeMs).toBe(before);
  });

  test("is 1 for what failed, with one clear line", async () => {
    const missing = join(folder, "none.yaml");
    const result = await pacific(["token", "list", "--kubeconfig", missing]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(missing);
    expect(result.stderr.trim().split("\n")).toHaveLength(1);
  });

  test("is 130 when interrupted, 0 when told to stop", async () => {
    const interrupted = await supervisor([]);
    expect(await interrupted.end("SIGINT")).toBe(130);
    const stopped = await supervisor([]);
    expect(await stopped.end("SIGTERM")).toBe(0);
  });
});
