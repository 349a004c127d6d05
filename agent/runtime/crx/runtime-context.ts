import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { RuntimeEvent } from "../runtime.ts";
import type { GuestPulse } from "./guest/watch-guest.ts";
import type { GuestImage } from "./guest-image.ts";
import type { Jail } from "./jail/jail.ts";
import type { JailUsers } from "./jail/jail-users.ts";
import type { MachineCgroups } from "./jail/machine-cgroups.ts";
import type { LogLimits } from "./log/log-file.ts";
import type { MemoryRoom } from "./memory/memory-room.ts";
import type { PodDisks } from "./pod-disk/pod-disks.ts";
import type { QemuBinary } from "./qemu/find-qemu.ts";
import type { SpawnProcess } from "./qemu/spawn-qemu.ts";

/** What a sandbox and its containers need of the runtime around them. */
export interface RuntimeContext {
  readonly guestImage: GuestImage;
  readonly logLimits: LogLimits;
  /** How long QEMU may do nothing until its guest answers, when it boots or is taken over. */
  readonly bootTimeoutMs: number;
  readonly pulse: GuestPulse;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly users: JailUsers;
  readonly podDisks: PodDisks;
  readonly cgroups: MachineCgroups;
  /** What the box has left for machines that grow. */
  readonly room: MemoryRoom;
  readonly spawn: SpawnProcess;
  emit(event: RuntimeEvent): void;
}

/** How machines run on this box. */
export interface Emulator {
  readonly qemu: QemuBinary;
  readonly accelerator: "kvm" | "tcg";
  readonly jail: Jail;
  /** Whether QEMU takes the code trimmer (`qemu/code-trim.ts`). */
  readonly trimsCode: boolean;
}
