import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-engine-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a program begins anew with the settings, as the same process with the same arguments", async () => {
  const script = join(folder, "main.ts");
  const seen = "[process.pid, process.env.BUN_GC_TIMER_DISABLE, process.env.OWN, process.argv.slice(2)]";
  writeFileSync(
    script,
    `import { useEngineSettings } from "${join(import.meta.dir, "engine-settings.ts")}";
    useEngineSettings();
    console.log(JSON.stringify(${seen}));`,
  );
  const { BUN_GC_TIMER_DISABLE: _unset, ...environment } = process.env;
  const child = Bun.spawn([process.execPath, script, "supervisor", "--listen", "a b"], {
    env: { ...environment, OWN: "kept" },
    stdout: "pipe",
  });
  expect(JSON.parse(await child.stdout.text())).toEqual([
    child.pid,
    "1",
    "kept",
    ["supervisor", "--listen", "a b"],
  ]);
});
