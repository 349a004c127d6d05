import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "./write-file-atomic.ts";

test("writeFileAtomic replaces the content and sets the mode, and leaves nothing else", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pacific-write-"));
  try {
    const path = join(directory, "key");
    await writeFileAtomic(path, "one", 0o644);
    await writeFileAtomic(path, "two", 0o600);
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["key"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("writeFileAtomic throws what the file system says", async () => {
  expect(writeFileAtomic("/nonexistent/folder/key", "x", 0o600)).rejects.toThrow("ENOENT");
});
