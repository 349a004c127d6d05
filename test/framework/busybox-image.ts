import { readFileSync } from "node:fs";
import { directory, file, symlink } from "./tar-builder.ts";
import { makeImage, ociArchive } from "./test-image.ts";

const commands = ["echo", "id", "ip", "sh"];

/**
 * An OCI archive of busybox with an entry point and arguments of its own, which it prints, a user and a root without a
 * password, and a `su` that gains root's rights. Throws where busybox is not installed.
 */
export function busyboxArchive(name: string): Buffer {
  const path = Bun.which("busybox");
  if (!path) throw new Error("busybox is not installed");
  const program = readFileSync(path);
  const layer = [
    ...["bin", "dev", "etc", "proc", "sys", "tmp"].map((folder) => directory(folder)),
    file("bin/busybox", program, { mode: 0o755 }),
    file("bin/su", program, { mode: 0o4755 }),
    ...commands.map((command) => symlink(`bin/${command}`, "busybox")),
    file("etc/passwd", "root::0:0:root:/:/bin/sh\nweb::1000:1000:web:/:/bin/sh\n"),
    file("etc/group", "root:x:0:\nweb:x:1000:\nstaff:x:50:web\n"),
  ];
  const config = { Entrypoint: ["/bin/echo", "image"], Cmd: ["default", "arguments"], Env: ["PATH=/bin"] };
  return ociArchive({ [name]: makeImage([layer], { config }) });
}
