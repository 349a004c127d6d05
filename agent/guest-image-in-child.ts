import { selfCommand } from "../supervisor/base/self-command.ts";
import { HostError } from "./kubelet/host-error.ts";
import {
  type GuestImage,
  type GuestImageSource,
  isGuestImageUnpacked,
  unpackGuestImage,
} from "./runtime/crx/guest-image.ts";

/**
 * The unpacked guest image. A child unpacks it, once for each version: reading it out of the program's own file leaves
 * 30 MB in a process for as long as that lives. Throws {@link HostError} with what the child said.
 */
export async function guestImageInChild(dataDir: string, source: GuestImageSource): Promise<GuestImage> {
  if (!(await isGuestImageUnpacked(dataDir, source))) {
    const child = Bun.spawn([...selfCommand(), "host", "unpack", "--data-dir", dataDir], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const [said, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (exitCode !== 0) throw new HostError(`Cannot unpack the guest image: ${said.trim()}`);
  }
  return await unpackGuestImage(dataDir, source);
}
