import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileLock, tryFileLock } from "./file-lock.ts";

const root = mkdtempSync(join(tmpdir(), "pacific-lock-"));
afterAll(() => rmSync(root, { recursive: true }));

test("fileLock excludes within one process, and lets shared holders in together", async () => {
  const path = join(root, "a");
  const [first, second] = [await tryFileLock(path, "shared"), await tryFileLock(path, "shared")];
  expect(await tryFileLock(path, "exclusive")).toBeUndefined();
  await first?.release();
  expect(await tryFileLock(path, "exclusive")).toBeUndefined();
  await second?.release();
  const alone = await tryFileLock(path, "exclusive");
  expect(alone).toBeDefined();
  expect(await tryFileLock(path, "shared")).toBeUndefined();
  await alone?.release();
});

test("fileLock waits for its turn, and gives up when told to", async () => {
  const path = join(root, "b");
  const signal = new AbortController().signal;
  const holder = await fileLock(path, "exclusive", signal);
  const stop = new AbortController();
  const impatient = fileLock(path, "exclusive", stop.signal);
  const patient = fileLock(path, "exclusive", signal);
  stop.abort(new Error("enough"));
  expect(impatient).rejects.toThrow("enough");
  await holder.release();
  await (await patient).release();
});

test("fileLock locks the file that bears the name, not one that was renamed away", async () => {
  const path = join(root, "c");
  const holder = await tryFileLock(path, "exclusive");
  renameSync(path, `${path}.done`);
  const next = await tryFileLock(path, "exclusive");
  expect(next).toBeDefined();
  await holder?.release();
  await next?.release();
});

test("fileLock is dropped with the process that held it", async () => {
  const path = join(root, "d");
  const script = `import { fileLock } from ${JSON.stringify(join(import.meta.dir, "file-lock.ts"))};
    globalThis.lock = await fileLock(${JSON.stringify(path)}, "exclusive", new AbortController().signal);
    process.stdout.write("held"); setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  await child.stdout.getReader().read();
  expect(await tryFileLock(path, "exclusive")).toBeUndefined();
  child.kill("SIGKILL");
  await child.exited;
  const lock = await tryFileLock(path, "exclusive");
  expect(lock).toBeDefined();
  await lock?.release();
});
