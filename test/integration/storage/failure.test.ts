import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lostWrites, outputOf, StoreFolder, startWriter } from "./writer.ts";
import type { WriterLine } from "./writer-process.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const strace = Bun.which("strace");
const canTrace = strace !== null && Bun.spawnSync([strace, "-o", "/dev/null", "true"]).exitCode === 0;
const noTrace = canTrace ? "" : " (skipped: strace is absent or may not trace)";

/** Runs a writer whose system calls fail as `inject` says, and checks what it saw and what a new process finds. */
async function failingCalls(
  folder: StoreFolder,
  inject: string,
): Promise<Extract<WriterLine, { kind: "failure" }>[]> {
  const under = [strace ?? "", "-f", "-o", "/dev/null", "-e", `inject=${inject}`];
  const lines = await outputOf(
    startWriter({ database: folder.database, concurrency: 1, writes: 60, name: "w", under }),
  );
  const failures = lines.flatMap((line) => (line.kind === "failure" ? [line] : []));
  for (const { error, visible, revisions } of failures) {
    expect(error).toBe("StorageFailureError");
    expect(visible).toBeUndefined();
    expect(revisions[1]).toBe(revisions[0]);
  }
  expect(lines).toHaveLength(61);
  expect(lines.at(-1)?.kind).not.toBe("failure");
  const backend = folder.open();
  expect(await lostWrites(backend, lines)).toEqual([]);
  await backend.close();
  return failures;
}

test.skipIf(!canTrace)(
  `an fsync that fails fails its write alone, and later ones work${noTrace}`,
  async () => {
    using folder = new StoreFolder();
    await folder.open().close();
    const failures = await failingCalls(folder, "fsync,fdatasync:error=EIO:when=20..60+7");
    expect(failures.length).toBeGreaterThan(2);
    expect(failures[0]?.message).toContain("input/output error (SQLITE_IOERR_FSYNC), check the disk");
  },
);

test.skipIf(!canTrace)(
  `a log write that fails fails its write alone, and later ones work${noTrace}`,
  async () => {
    using folder = new StoreFolder();
    await folder.open().close();
    const failures = await failingCalls(folder, "pwrite64:error=ENOSPC:when=100..300+31");
    expect(failures.length).toBeGreaterThan(2);
    expect(failures[0]?.message).toContain("the disk is full, free some space");
  },
);

const canMount = Bun.spawnSync(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).exitCode === 0;
const noMount = canMount ? "" : " (skipped: no right to mount a small disk)";

test.skipIf(!canMount)(
  `a full disk fails writes with what to do, shows none of them, and takes writes again when there is room${noMount}`,
  async () => {
    using folder = new StoreFolder();
    const disk = join(folder.path, "disk");
    mkdirSync(disk);
    const mount = `mount -t tmpfs -o size=8m tmpfs ${disk} && exec "$@"`;
    const script = [process.execPath, join(import.meta.dir, "full-disk-process.ts"), disk];
    const child = Bun.spawnSync(["unshare", "-rm", "sh", "-c", mount, "sh", ...script]);
    expect(child.stderr.toString()).toBe("");
    expect(JSON.parse(child.stdout.toString())).toEqual({
      failed: "StorageFailureError",
      message: expect.stringContaining("the disk is full, free some space and try again"),
      revisionMoved: false,
      visible: false,
      eventsOfFailed: 0,
      deletedWhileFull: expect.any(Boolean),
      afterwards: "put",
      lostAfterReopening: 0,
    });
  },
);
