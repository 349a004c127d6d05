import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const tracked = Bun.spawnSync(["git", "ls-files", "-co", "--exclude-standard"], { cwd: root })
  .stdout.toString()
  .trim()
  .split("\n");
const sources = tracked.filter((file) => /\.(ts|c|h|sh)$/.test(file) && !file.includes("/generated/"));

test("the top holds one source file and the given names", () => {
  expect(tracked.filter((file) => /^[^/]+\.ts$/.test(file))).toEqual(["main.ts"]);
  const entries = readdirSync(root);
  for (const name of [
    "package.json",
    "bunfig.toml",
    "agent",
    "supervisor",
    "host-images",
    "test",
    "install.sh",
  ]) {
    expect(entries).toContain(name);
  }
  expect(readFileSync(join(root, "main.ts"), "utf8").split("\n").length).toBeLessThanOrEqual(61);
});

test("source files are kebab-case and none is too large to live in", () => {
  const wrongName = sources.filter((file) => !/^[a-z0-9.-]+$/.test(file.split("/").at(-1) ?? ""));
  expect(wrongName).toEqual([]);
  const tooLong = sources.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 500);
  expect(tooLong).toEqual([]);
});

test("no test is switched off, singled out or asleep", () => {
  const marks = /\b(?:test|describe|it)\.(?:only|todo|skip)\(/;
  const sleeps = /\bawait (?:Bun\.sleep|sleep)\((?:\d{4,}|\d+_\d{3})/;
  const found = sources
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("test/style/"))
    .filter((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return marks.test(text) || sleeps.test(text);
    });
  expect(found).toEqual([]);
});

test("an escape hatch carries its reason", () => {
  const bare = sources
    .filter((file) => file.endsWith(".ts") && !file.startsWith("test/"))
    .flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
        .filter(({ line }) => /@ts-ignore|@ts-nocheck|\bas any\b(?! \w)|biome-ignore [^:]*$/.test(line))
        .map(({ place }) => place),
    );
  expect(bare).toEqual([]);
});
