import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { startPart } from "./part-process.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-part-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const log = join(folder, "log");

test("a part's exit code and output are its command's", async () => {
  const part = startPart(
    { privateNetwork: false, long: false },
    ["sh", "-c", "echo said; exit 7"],
    folder,
    log,
  );
  expect(await part.exited).toBe(7);
  expect(readFileSync(log, "utf8")).toBe("said\n");
});

const isolated = Bun.spawnSync(["unshare", "--pid", "--fork", "--mount-proc", "true"]).exitCode === 0;

test.skipIf(!isolated)("what a part started ends with it (needs the right to make namespaces)", async () => {
  // A daemon as tests leave them: in a session of its own, its parent gone. It holds a lock while it lives.
  const lock = join(folder, "lock");
  const script = `setsid flock "${lock}" sleep 600 & sleep 600`;
  const part = startPart({ privateNetwork: false, long: false }, ["sh", "-c", script], folder, log);
  const isFree = () => Bun.spawnSync(["flock", "--nonblock", lock, "true"]).exitCode === 0;
  await eventually("the daemon runs", 10_000, () => existsSync(lock) && !isFree());
  part.stop();
  expect(await part.exited).not.toBe(0);
  await eventually("the daemon has ended", 10_000, isFree);
});
