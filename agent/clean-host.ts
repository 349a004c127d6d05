import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "../supervisor/base/clock.ts";
import type { Logger } from "../supervisor/base/logging.ts";
import { lockDataDir } from "./kubelet/lock-data-dir.ts";
import { hostTools } from "./network/host-tools.ts";
import { removeBridgeNetwork } from "./network/remove-bridge-network.ts";
import { CrxRuntime } from "./runtime/crx/crx-runtime.ts";
import { type GuestImageSource, unpackGuestImage } from "./runtime/crx/guest-image.ts";

export interface CleanHostOptions {
  readonly dataDir: string;
  readonly guestImage: GuestImageSource;
  readonly logger: Logger;
}

/**
 * Ends all machines of a host whose daemon does not run, and removes its network; images, logs and the host's identity
 * stay. Throws where a daemon runs.
 */
export async function cleanHost(options: CleanHostOptions, signal: AbortSignal): Promise<void> {
  const dataDir = resolve(options.dataDir);
  if (!existsSync(dataDir)) return;
  const { guestImage, logger } = options;
  const lock = await lockDataDir(dataDir, systemClock, signal);
  try {
    if (existsSync(join(dataDir, "sandboxes"))) {
      const image = await unpackGuestImage(dataDir, guestImage);
      const runtime = new CrxRuntime({ dataDir, guestImage: image, accel: "tcg", logger });
      await runtime.recover(signal);
      for (const { id } of runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
      await runtime.close();
    }
    if (existsSync(join(dataDir, "network"))) await removeBridgeNetwork(dataDir, hostTools);
  } finally {
    await lock.release();
  }
}
