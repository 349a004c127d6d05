/** `pacific crx run`: a container in a machine of its own, without any cluster and without anything left behind. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProcesses } from "../../../supervisor/base/process-identity.ts";
import { binary, root, run } from "../../framework/cluster.ts";
import { eventually } from "../../framework/eventually.ts";
import { Terminal } from "../../framework/terminal.ts";
import { missingForMachines, temporaryFolder } from "./fixtures.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const image = join(root, "dist/images/demo.tar");
const missing =
  missingForMachines() || (existsSync(image) && existsSync(binary) ? "" : " (skipped: not built)");
const folder = temporaryFolder();
const env = { TMPDIR: folder.path };
const command = [binary, "crx", "run", "--accel", "tcg", "--data-dir", join(folder.path, "host")];

afterAll(() => folder.remove());

/** The program's own folders lie in its TMPDIR. */
function expectNothingLeft(): void {
  expect(readdirSync(folder.path).filter((name) => name.startsWith("pacific-run-"))).toEqual([]);
  const isOurs = (name: string): boolean => name.startsWith(`guest=${folder.path}/`);
  expect(findProcesses("-name", isOurs, () => true)).toEqual([]);
}

describe.skipIf(missing !== "")(`pacific crx run${missing}`, () => {
  test("prints what the container prints and ends with its exit code", async () => {
    const script = "seq 1 20000; echo oops >&2; exit 7";
    const result = await run([...command, image, "--", "sh", "-c", script], { env });
    expect(result.stderr).toBe("oops\n");
    expect(result.stdout.split("\n")).toHaveLength(20_001);
    expect(result.code).toBe(7);
    expectNothingLeft();
  });

  test("passes its standard input on", async () => {
    const result = await run([...command, "-i", image, "--", "cat"], { env, input: "one\ntwo\n" });
    expect(result).toEqual({ stdout: "one\ntwo\n", stderr: "", code: 0 });
  });

  test("gives a person a shell", async () => {
    const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const terminal = new Terminal(
      ["env", ...set, ...command, "-it", "--memory", "64Mi", image, "--", "sh"],
      100,
      40,
    );
    // Nothing of it is left in the line where the shell begins.
    await terminal.shows(/starting the machine.\[K\r.\[K/);
    await terminal.shows(/[#$] /);
    // It comes by another way than what is typed, so it may be there a little later.
    await eventually("the terminal has its size", 20_000, () => {
      terminal.type("stty size\r");
      return terminal.screen.includes("40 100");
    });
    terminal.type("echo $((6*7))\r");
    await terminal.shows(/\s42\s/);
    terminal.type("exit 3\r");
    expect(await terminal.exited).toBe(3);
    expectNothingLeft();
  });

  test("is called off by Ctrl-C, whatever it does, and leaves nothing", async () => {
    const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    for (const [shown, flags] of [
      [/starting the machine/, ["-it"]],
      [/it runs/, []],
    ] as const) {
      const words = [
        "env",
        ...set,
        ...command,
        ...flags,
        image,
        "--",
        "sh",
        "-c",
        "echo it runs; sleep 1000",
      ];
      const terminal = new Terminal(words);
      await terminal.shows(shown);
      terminal.type("\u0003");
      expect(await terminal.exited).toBe(130);
      expectNothingLeft();
    }
  });

  test("says what is wrong with its arguments", async () => {
    const tooMany = await run([...command, "--cpus", "100000", image], { env });
    expect(tooMany.code).toBe(2);
    expect(tooMany.stderr).toContain("--cpus 100000 must be a number from 1 to");
    const little = await run([...command, "--memory", "x", image], { env });
    expect(little.stderr).toContain("--memory x must be an amount of at least 16Mi, such as 512Mi");
    expectNothingLeft();
  });
});
