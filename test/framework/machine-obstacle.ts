import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GuestImageSource } from "../../agent/runtime/crx/guest-image.ts";

const root = join(import.meta.dir, "../..");

export const builtGuest: GuestImageSource = {
  kernel: join(root, "dist/guest/vmlinux"),
  initramfs: join(root, "dist/guest/initramfs.cpio"),
  jailer: join(root, "dist/guest/jailer"),
  fileServer: join(root, "dist/guest/file-server"),
  codeTrimmer: join(root, "dist/guest/code-trimmer"),
  manifest: join(root, "dist/guest/manifest.json"),
};

/** The demo image's archive. */
export const demoArchive = join(root, "dist/images/demo.tar");

/** Why Pods cannot run in machines here; undefined where they can. */
export function machineObstacle(): string | undefined {
  if (!Bun.which("qemu-system-x86_64")) return "needs qemu-system-x86_64";
  const built = [...Object.values(builtGuest), demoArchive];
  return built.every((file) => existsSync(file))
    ? undefined
    : "needs the guest image, see host-images/build.sh";
}
