import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { ImageLimits } from "../layers/limits.ts";
import type { StartTool } from "../layers/tool-process.ts";
import type { Platform } from "../platform.ts";
import type { Registries } from "../registry/registry-hosts.ts";
import type { Fetch } from "../registry/send-request.ts";
import type { ImageRecords } from "./image-records.ts";
import type { StoreFiles } from "./store-files.ts";

/** What pulls and imports work with. */
export interface StoreContext {
  readonly files: StoreFiles;
  readonly records: ImageRecords;
  readonly logger: Logger;
  readonly platform: Platform;
  readonly limits: ImageLimits;
  /** Asked anew for each pull. */
  readonly registries: () => Registries;
  readonly stallTimeoutMs: number;
  readonly fetch: Fetch;
  readonly startTool: StartTool;
  readonly clock: Clock;
}
