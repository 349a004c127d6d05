import { mkdirSync } from "node:fs";

/** Where built things are kept from run to run: `PACIFIC_CACHE`, or `/var/cache/pacific`. */
export function cacheFolder(): string {
  const folder = process.env.PACIFIC_CACHE ?? "/var/cache/pacific";
  mkdirSync(folder, { recursive: true });
  return folder;
}
