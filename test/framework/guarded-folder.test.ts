import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { processesOf } from "./host-processes.ts";

const program = `
import { spawn } from "node:child_process";
import { guardedFolder } from "${import.meta.dir}/guarded-folder.ts";
const folders = [guardedFolder("guarded"), guardedFolder("guarded")];
for (const folder of folders)
  spawn("sh", ["-c", "sleep 1000; true", folder + "/machine"], { detached: true, stdio: "ignore" });
console.log(JSON.stringify(folders));
if (process.argv.at(-1) === "hangs") setInterval(() => {}, 1 << 30);
else process.exit();
`;

for (const [how, end] of [
  ["was killed", "hangs"],
  ["has ended", "ends"],
] as const) {
  test(`a folder and what runs of it go when the process that made it ${how}`, async () => {
    const child = Bun.spawn([process.execPath, "-e", program, end], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    const folders: string[] = JSON.parse(new TextDecoder().decode(value));
    if (end === "hangs") {
      await eventually("both run", 0, () => folders.every((folder) => processesOf(folder).length === 1));
      expect(folders.map(existsSync)).toEqual([true, true]);
      child.kill("SIGKILL");
    }
    await child.exited;
    await eventually("nothing is left", 0, () =>
      folders.every((folder) => !existsSync(folder) && processesOf(folder).length === 0),
    );
  });
}
