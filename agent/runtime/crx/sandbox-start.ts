import type { MachineStarter } from "./machine-starter.ts";
import type { PooledMachine } from "./pool/pooled-machine.ts";

/** What a new sandbox gets its machine by. */
export interface SandboxStart {
  readonly starter: MachineStarter;
  /** Where sandboxes are. */
  readonly folder: string;
  /** Its machine, if it comes from the pool. */
  readonly spare?: PooledMachine | undefined;
}
