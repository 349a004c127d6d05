import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Its input, a folder a line, ends with the process that writes it; what runs of a folder names it on its command line. */
const guard = `
folders=$(while read -r folder; do case $folder in */pacific-*) echo "$folder/";; esac; done)
[ -n "$folders" ] || exit
while found=$(echo "$folders" | grep -aslFf - /proc/[0-9]*/cmdline); [ -n "$found" ]; do
  kill -9 $(echo "$found" | tr -cd '0-9\\n')
  sleep 0.1
done
echo "$folders" | while read -r folder; do rm -rf "$folder"; done`;

let folders: Bun.FileSink | undefined;

/**
 * Makes a temporary folder `pacific-NAME-…` that goes when this process has ended, in whatever way, with all processes that
 * name a path in it: machines outlive the daemon that made them, and are not to outlive a test that was killed.
 */
export function guardedFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `pacific-${name}-`));
  folders ??= startGuard();
  folders.write(`${folder}\n`);
  void folders.flush();
  return folder;
}

/** In a session of its own, where no key of a terminal reaches it. */
function startGuard(): Bun.FileSink {
  const child = Bun.spawn(["sh", "-c", guard, "sh"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  return child.stdin;
}
