import { createHash } from "node:crypto";

/** What one instance's network is called in the kernel: instances with other data folders have other names. */
export interface NetworkNames {
  readonly bridge: string;
  /** The nftables tables, one of the family `inet` and one of `bridge`. */
  readonly table: string;
  /** Every tap of this instance begins so. */
  readonly tapPrefix: string;
  tap(key: string): string;
}

/** The instance with the default data folder gets the short names that documentation speaks of. */
const defaultDataDir = "/var/lib/pacific/host";

/** Names of interfaces have at most 15 characters (IFNAMSIZ). */
export function networkNames(dataDir: string): NetworkNames {
  const instance = digest(dataDir);
  const id = dataDir === defaultDataDir ? "0" : instance.slice(0, 8);
  const tapPrefix = `pt${instance.slice(0, 5)}`;
  return {
    bridge: dataDir === defaultDataDir ? "pacific0" : `pac-${id}`,
    table: `pacific-${id}`,
    tapPrefix,
    tap: (key) => tapPrefix + digest(key).slice(0, 8),
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
