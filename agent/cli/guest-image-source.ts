import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { GuestImageSource } from "../runtime/crx/guest-image.ts";

const names = ["vmlinux", "initramfs.cpio", "jailer", "file-server", "code-trimmer", "guest.manifest"];
const buildFolder = join(import.meta.dir, "../../dist/guest");

/** The guest's files: those that are embedded in the binary, or from a clone those of the build. Throws without any. */
export function findGuestImage(): GuestImageSource {
  const embedded = Bun.embeddedFiles.flatMap((file) => ("name" in file ? [String(file.name)] : []));
  if (embedded.length > 0) {
    // The bundler gives a file without an extension a dot at its end.
    const find = (name: string): string | undefined =>
      embedded.find((one) => one === name || one === `${name}.`);
    const [kernel, initramfs, jailer, fileServer, codeTrimmer, manifest] = names.map(find);
    if (kernel && initramfs && jailer && fileServer && codeTrimmer && manifest) {
      const folder = dirname(Bun.main);
      return {
        kernel: join(folder, kernel),
        initramfs: join(folder, initramfs),
        jailer: join(folder, jailer),
        fileServer: join(folder, fileServer),
        codeTrimmer: join(folder, codeTrimmer),
        manifest: join(folder, manifest),
      };
    }
  }
  const manifest = join(buildFolder, "manifest.json");
  if (existsSync(manifest)) {
    return {
      kernel: join(buildFolder, "vmlinux"),
      initramfs: join(buildFolder, "initramfs.cpio"),
      jailer: join(buildFolder, "jailer"),
      fileServer: join(buildFolder, "file-server"),
      codeTrimmer: join(buildFolder, "code-trimmer"),
      manifest,
    };
  }
  throw new Error("The guest's kernel is not there: build it and this program with ./install.sh build");
}
