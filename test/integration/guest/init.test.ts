import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { temporaryFolder } from "../crx/fixtures.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

const source = new URL("../../../host-images/init/", import.meta.url).pathname;
const missing = ["gcc", "make"].filter((program) => !Bun.which(program));
const skipped = missing.length > 0 ? ` (skipped: no ${missing.join(", no ")})` : "";
const folder = temporaryFolder();

afterAll(() => folder.remove());

test.skipIf(skipped !== "")(
  `PID 1's own tests hold under the address and undefined-behaviour sanitizers${skipped}`,
  () => {
    const run = Bun.spawnSync(["make", "--silent", "--directory", source, `OUT=${folder.path}`, "check"]);
    expect(run.stderr.toString()).toBe("");
    const passed = run.stdout.toString().trim().split("\n");
    expect(passed).toEqual([
      "capabilities: ok",
      "fields: ok",
      "frame fuzz: ok, 1000000 inputs",
      "frame: ok",
      "mount options: ok",
      "ring: ok",
      "users: ok",
      "volume entry: ok",
    ]);
  },
);
