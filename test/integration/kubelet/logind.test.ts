/** Shutdowns of a box as its logind tells of them, on a bus and in namespaces of their own. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Only for what hangs.
setDefaultTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "pacific-logind-"));
afterAll(() => rmSync(folder, { recursive: true }));
const isPossible =
  process.getuid?.() === 0 && existsSync("/lib/systemd/systemd-logind") && Bun.which("dbus-daemon") !== null;

test.skipIf(!isPossible)(
  "a shutdown is held up at logind until Pods have ended, and may be called off",
  async () => {
    const apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--net"];
    const box = Bun.spawn([...apart, process.execPath, join(import.meta.dir, "logind-box.ts"), folder], {
      stderr: "pipe",
      env: {
        ...process.env,
        DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/bus`,
        PATH: `${folder}:${process.env.PATH}`,
      },
    });
    const [text, errors, code] = await Promise.all([
      new Response(box.stdout).text(),
      new Response(box.stderr).text(),
      box.exited,
    ]);
    expect([code, errors]).toEqual([0, ""]);
    const { delay, isHeldForPod, notes } = JSON.parse(text);
    expect(delay).toBe("t 20000000");
    expect(isHeldForPod).toBe(true);
    expect(notes.slice(0, 3)).toEqual([
      "NodeShutdown: Shutdown manager detected shutdown event",
      "node is shutting down",
      "evict Terminated 15",
    ]);
    expect(notes.slice(-2)).toEqual([
      "NodeShutdown: Shutdown manager detected shutdown cancellation",
      "ready",
    ]);
  },
);
