import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { AcceleratorChoice } from "./accelerator.ts";
import type { GuestPulse } from "./guest/watch-guest.ts";
import type { GuestImage } from "./guest-image.ts";
import type { Jail } from "./jail/jail.ts";
import type { CgroupMeasure } from "./jail/machine-cgroups.ts";
import type { LogLimits } from "./log/log-file.ts";
import type { CloningSettings } from "./machine-supply.ts";
import type { SpawnProcess } from "./qemu/spawn-qemu.ts";

export interface CrxRuntimeOptions {
  readonly dataDir: string;
  readonly guestImage: GuestImage;
  readonly accel: AcceleratorChoice;
  readonly logger: Logger;
  /** How machines are cloned; without it they all boot. */
  readonly cloning?: CloningSettings | undefined;
  /** How long a QEMU that starts may do nothing, 60 s by default; a clone has a quarter. One that works is waited for. */
  readonly bootTimeoutMs?: number;
  /** How a guest that hangs is found; by default one that has not answered for a minute. */
  readonly pulse?: GuestPulse;
  readonly logLimits?: LogLimits;
  readonly clock?: Clock;
  readonly spawn?: SpawnProcess;
  /** Where QEMU is looked for; the environment's PATH by default. */
  readonly searchPath?: string;
  /** The first of the 65,536 numbers of its machines' users; by default the data folder's name decides. */
  readonly jailUserBase?: number;
  /** The strongest that can be made, by default. */
  readonly jail?: Jail;
  /** Told of what is done with machines' control groups. */
  readonly measureCgroups?: CgroupMeasure;
}
